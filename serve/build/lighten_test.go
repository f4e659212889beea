package build

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// troubled is a program that goes wrong in the ways a program may, and says how.
const troubled = `package main

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
)

//go:noinline
func marginOf(margins []float64, pair int) float64 { return margins[pair] }

func recovered() (said string) {
	defer func() { said = fmt.Sprint(recover(), "\n", string(debug.Stack())) }()
	return fmt.Sprint(marginOf(nil, 3))
}

func nilPointer() (said string) {
	defer func() { said = fmt.Sprint(recover()) }()
	var reply *struct{ logit float64 }
	return fmt.Sprint(reply.logit)
}

type node struct {
	next *node
	text string
}

// collected makes a hundred times the garbage that it keeps.
func collected() string {
	var kept *node
	for i := range 200_000 {
		n := &node{text: strings.Repeat("x", 100+i%7)}
		if i%100 == 0 {
			n.next, kept = kept, n
		}
	}
	length := 0
	for n := kept; n != nil; n = n.next {
		length++
	}
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return fmt.Sprintf("kept %d, collected %v", length, stats.NumGC > 1 && stats.Frees > 100_000)
}

func caller() string {
	pc, _, _, ok := runtime.Caller(0)
	return fmt.Sprint(runtime.FuncForPC(pc).Name(), " ", ok)
}

//go:noinline
func lastWords(reply string) { panic("the end of " + reply) }

func main() {
	fmt.Println(recovered())
	fmt.Println(nilPointer())
	fmt.Println(collected())
	fmt.Println(caller())
	go func() { defer func() { fmt.Println("deferred"); os.Stdout.Sync() }(); lastWords(os.Args[1]) }()
	select {}
}
`

func TestLightProgramStillTellsWhatWentWrong(t *testing.T) {
	root := testRoot(t)
	writeText(t, filepath.Join(root, "wasm/main.go"), troubled)
	p, log := mustBuild(t, root)
	if !isLightGo(toolchainOf(t, root).version) {
		t.Skip("SKIPPED: the light build was not tested with this version of Go")
	}
	if strings.Contains(log, "larger") {
		t.Errorf("the build is not light:\n%s", log)
	}
	printed := runInBrowser(t, p, "reply")
	for _, want := range []string{
		"index out of range [3] with length 0", "main.marginOf(", "main.recovered(", "nil pointer dereference",
		"kept 2000, collected true", "main.caller true", "deferred", "panic: the end of reply", "main.lastWords(", "main.main.func",
	} {
		if !strings.Contains(printed, want) {
			t.Errorf("%q is missing", want)
		}
	}
	if strings.Contains(printed, "main.go:") || !strings.Contains(printed, "?:0") {
		t.Error("the program knows its lines")
	}
	if t.Failed() {
		t.Log(printed)
	}
}

func toolchainOf(t *testing.T, root string) toolchain {
	t.Helper()
	tools, err := findToolchain(t.Context(), root)
	if err != nil {
		t.Fatal(err)
	}
	return tools
}

func TestIsLightGo(t *testing.T) {
	for version, want := range map[string]bool{
		"go1.26": true, "go1.26.8": true, "go1.26.1 X:greenteagc": true,
		"go1.25.9": false, "go1.27.0": false, "go1.260.1": false, "go1.26rc1": false, "go1": false, "": false, "devel go1.27-1234567890": false,
	} {
		if got := isLightGo(version); got != want {
			t.Errorf("%q: %v, want %v", version, got, want)
		}
	}
}

// A version that the light build was not tested with builds as go build does.
func TestOtherGoBuildsPlainly(t *testing.T) {
	root := testRoot(t)
	tools := toolchainOf(t, root)
	plain, err := goBuild(t.Context(), root, tools)
	if err != nil {
		t.Fatal(err)
	}
	tools.version = "go1.99.1"
	var log bytes.Buffer
	wasm, err := compile(t.Context(), root, tools, &overlay{root: root, dir: t.TempDir()}, &log)
	if err != nil || !bytes.Equal(wasm, plain) {
		t.Errorf("the program is not the plain one (error %v)", err)
	}
	if strings.Count(log.String(), "\n") != 1 || !strings.Contains(log.String(), "tested with go1.26, not with go1.99.1") {
		t.Errorf("log:\n%s", &log)
	}
}

// tableAt returns where in a program's memory its table of functions is.
func tableAt(t *testing.T, m memory) int {
	t.Helper()
	at := bytes.Index(m, tableStart)
	if at < 0 {
		t.Fatal("no table of functions")
	}
	return at
}

// memoryOfProgram builds the small program and loads it into memory.
func memoryOfProgram(t *testing.T) (wasm []byte, m memory) {
	t.Helper()
	root := testRoot(t)
	wasm, err := goBuild(t.Context(), root, toolchainOf(t, root), lightFlags...)
	if err != nil {
		t.Fatal(err)
	}
	segments, err := dataSegments(wasm)
	if err != nil {
		t.Fatal(err)
	}
	if m, err = load(wasm, segments); err != nil {
		t.Fatal(err)
	}
	return wasm, m
}

// programWith is a program of nothing but a memory, in one segment from address 0.
func programWith(m memory) []byte {
	data := binary.AppendUvarint([]byte{1, 0, i32Const, 0, endOfConst}, uint64(len(m)))
	data = append(data, m...)
	return append(binary.AppendUvarint([]byte("\x00asm\x01\x00\x00\x00\x0b"), uint64(len(data))), data...)
}

// What is not as it is known is refused with a reason, whatever is wrong.
func TestForgetLinesRefusesOtherPrograms(t *testing.T) {
	wasm, whole := memoryOfProgram(t)
	if _, err := forgetLines(programWith(whole)); err != nil {
		t.Fatalf("unspoilt: %v", err)
	}
	table := tableAt(t, whole)
	word := func(i int) int { return table + 8 + 8*i }
	part := func(i int) int { return table + int(binary.LittleEndian.Uint64(whole[word(i):])) }
	index, values := part(7), part(6)
	first := index + int(binary.LittleEndian.Uint32(whole[index+4:]))
	put := func(at int, x uint32) func(memory) []byte {
		return func(m memory) []byte {
			binary.LittleEndian.PutUint32(m[at:], x)
			return programWith(m)
		}
	}
	filled := func(x byte) func(memory) []byte {
		return func(m memory) []byte { return programWith(fill(m, values+1, index, x)) }
	}
	for name, spoil := range map[string]func(memory) []byte{
		"empty":                       func(memory) []byte { return nil },
		"a text":                      func(memory) []byte { return []byte("no program at all") },
		"only its beginning":          func(memory) []byte { return wasm[:8] },
		"cut off in the code":         func(memory) []byte { return wasm[:len(wasm)/3] },
		"cut off in the data":         func(memory) []byte { return wasm[:len(wasm)-len(wasm)/5] },
		"memory without a table":      func(m memory) []byte { return programWith(m[:table]) },
		"memory cut off in the table": func(m memory) []byte { return programWith(m[:table+40]) },
		"a segment of another kind":   func(m memory) []byte { b := programWith(m); b[bytes.IndexByte(b, i32Const)-1] = 1; return b },
		"another magic number":        put(table, 0xfffffff0),
		"two tables":                  func(m memory) []byte { copy(m[index:], tableStart); return programWith(m) },
		"no functions":                put(word(0), 0),
		"more functions than room":    put(word(0), 1<<24),
		"parts out of order":          put(word(4), 1),
		"a part outside":              put(word(7), 1<<27),
		"a description outside":       put(index+4, 1<<30),
		"a description in the index":  put(index+4, 3),
		"a table of lines outside":    put(first+24, 1<<29),
		"more tables than room":       put(first+28, 1<<29),
		"a table without an end":      filled(1),
		"a number longer than it can": filled(0xff),
	} {
		spoiled := spoil(bytes.Clone(whole))
		before := bytes.Clone(spoiled)
		light, err := forgetLines(spoiled)
		if err == nil || light != nil {
			t.Errorf("%s: no error", name)
		}
		var log bytes.Buffer
		if got := lighter(spoiled, &log); !bytes.Equal(got, before) || !strings.Contains(log.String(), "larger than it need be") {
			t.Errorf("%s: the program is not as it was; log %q", name, &log)
		}
	}
}

func fill(b memory, from, to int, x byte) memory {
	for i := from; i < to; i++ {
		b[i] = x
	}
	return b
}

// Whatever bytes are damaged, forgetLines returns, and changes no size.
func TestForgetLinesOfDamagedPrograms(t *testing.T) {
	wasm, whole := memoryOfProgram(t)
	light, err := forgetLines(wasm)
	if err != nil || len(light) != len(wasm) || bytes.Equal(light, wasm) {
		t.Fatalf("undamaged: %d of %d bytes, error %v", len(light), len(wasm), err)
	}
	table := tableAt(t, whole)
	random := rand.New(rand.NewPCG(3, 26))
	refused := 0
	for range 300 {
		m := bytes.Clone(whole)
		for range 1 + random.IntN(4) {
			m[table+random.IntN(min(1<<random.IntN(20), len(m)-table))] = byte(random.Uint32())
		}
		b := programWith(m)
		light, err := forgetLines(b)
		if err == nil && len(light) != len(b) {
			t.Fatal("the size changed")
		}
		if err != nil {
			refused++
		}
	}
	if refused < 30 {
		t.Errorf("only %d of 300 damaged programs were refused", refused)
	}
}

// TestDeterminismInWebAssembly runs the traces in the browser, compiled as the
// program that ships: the same bits must come out there.
func TestDeterminismInWebAssembly(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: -short")
	}
	root, err := FindRoot(here(t))
	if err != nil {
		t.Fatal(err)
	}
	const traces = "^TestDeterminism(OfRLHF)?$"
	tools := toolchainOf(t, root)
	wasmExec, err := tools.wasmExec()
	if err != nil {
		t.Fatal(err)
	}
	printed := runInBrowser(t, &Program{Wasm: testProgram(t, root, tools, "./core/traces"), Exec: wasmExec}, "-test.v", "-test.run", traces)
	for _, want := range []string{"--- PASS: TestDeterminism ", "--- PASS: TestDeterminismOfRLHF "} {
		if !strings.Contains(printed, want) {
			t.Errorf("no %q in the browser:\n%s", want, printed)
		}
	}
	native := exec.Command("go", "test", "-count=1", "-v", "-run", traces, "./core/traces")
	native.Dir = root
	out, err := native.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if here, there := headedFor(string(out)), headedFor(printed); here == "" || here != there {
		t.Errorf("fits differ: %q here, %q in the browser", here, there)
	}
}

// testProgram compiles a package's tests as the program that ships is compiled.
func testProgram(t *testing.T, root string, tools toolchain, pkg string) []byte {
	t.Helper()
	output := filepath.Join(t.TempDir(), "test.wasm")
	args := []string{"test", "-c", "-trimpath", "-ldflags=-s -w", "-o", output}
	light := isLightGo(tools.version)
	if light {
		args = append(args, lightFlags...)
	}
	if out, err := goCommand(t.Context(), tools.command, root, append(args, pkg)...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	wasm, err := os.ReadFile(output)
	for _, pass := range lightPasses {
		if err == nil && light {
			wasm, err = pass(wasm)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return wasm
}

func headedFor(output string) string {
	_, rest, _ := strings.Cut(output, "headed for ")
	line, _, _ := strings.Cut(rest, "\n")
	return line
}
