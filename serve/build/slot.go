package build

import (
	"bytes"
	"crypto/sha256"
	"os"
	"path/filepath"
)

// wasmSlot is the file that keeps the program of the last build. A hash goes
// before the program, of it and of the key of what it was built from: whatever
// else is found there is not the program, and it is built again.
type wasmSlot struct{ file string }

func newSlot(dir string) wasmSlot { return wasmSlot{filepath.Join(dir, "program")} }

// load returns the program built from the inputs with that key, or nil.
func (s wasmSlot) load(key string) []byte {
	kept, err := os.ReadFile(s.file)
	if err != nil || len(kept) <= sha256.Size {
		return nil
	}
	sum, wasm := kept[:sha256.Size], kept[sha256.Size:]
	if !bytes.Equal(sum, slotSum(key, wasm)) {
		return nil
	}
	return wasm
}

// store keeps the program that was built from the inputs with that key.
func (s wasmSlot) store(key string, wasm []byte) error {
	return replaceFile(s.file, append(slotSum(key, wasm), wasm...))
}

func slotSum(key string, wasm []byte) []byte {
	sum := sha256.New()
	sum.Write([]byte(key + "\n"))
	sum.Write(wasm)
	return sum.Sum(nil)
}

// replaceFile writes a file aside and then puts it in its place, so that nobody
// ever reads half of it. What stands in its place is removed, a folder as well.
func replaceFile(name string, data []byte) error {
	aside, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(aside.Name()) // fails once it was renamed
	_, err = aside.Write(data)
	if closing := aside.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return err
	}
	if os.Rename(aside.Name(), name) == nil {
		return nil
	}
	if err := os.RemoveAll(name); err != nil {
		return err
	}
	return os.Rename(aside.Name(), name)
}
