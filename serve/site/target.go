package site

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
)

// sourceFolders are those of the sources that an export may not lie in: the next
// site, or the next build, would contain this one.
var sourceFolders = []string{assetsFolder, "core", "scenes", "serve", "wasm"}

// checkTarget refuses a folder to export to before the work is done, rather than
// after: one among the sources, by whatever path it is reached, one that holds
// other files, and one that cannot be made or written.
func checkTarget(root, dir string) error {
	refuse := func(err error) error { return fmt.Errorf("cannot export to %q: %w", dir, err) }
	there, err := existing(dir)
	if err != nil {
		return refuse(err)
	}
	if source := sourceAbove(root, there); source != "" {
		return refuse(fmt.Errorf("it lies in %s, among the sources; name a folder outside", source))
	}
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return refuse(err)
	}
	isMarker := func(e fs.DirEntry) bool { return e.Name() == markerName }
	if len(entries) > 0 && !slices.ContainsFunc(entries, isMarker) {
		return refuse(fmt.Errorf("the folder holds other files (no %s in it); name an empty or a new one", markerName))
	}
	probe, err := os.MkdirTemp(there, ".dpo-playground-probe")
	if err != nil {
		return refuse(fmt.Errorf("%s cannot be written: %w", there, err))
	}
	return os.Remove(probe)
}

// existing returns the folder at or above dir that is there, without links in
// its path.
func existing(dir string) (string, error) {
	at, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	for {
		info, err := os.Stat(at)
		switch {
		case err == nil && !info.IsDir():
			return "", fmt.Errorf("%s is a file", at)
		case err == nil:
			return filepath.EvalSymlinks(at)
		case !errors.Is(err, fs.ErrNotExist) || at == filepath.Dir(at):
			return "", err
		}
		if _, err := os.Lstat(at); err == nil {
			return "", fmt.Errorf("%s is a link that leads nowhere", at)
		}
		at = filepath.Dir(at)
	}
}

// sourceAbove returns the folder of the sources that a folder without links in
// its path is or lies in, or "".
func sourceAbove(root, folder string) string {
	for at := folder; ; at = filepath.Dir(at) {
		info, err := os.Stat(at)
		for _, name := range sourceFolders {
			source, missing := os.Stat(filepath.Join(root, name))
			if err == nil && missing == nil && os.SameFile(info, source) {
				return name
			}
		}
		if at == filepath.Dir(at) {
			return ""
		}
	}
}

// checkFiles refuses a folder in which a file of the site cannot be written.
func checkFiles(s *Site, dir string) error {
	target, err := os.OpenRoot(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer target.Close()
	ours, err := readMarker(target)
	if err != nil {
		return err
	}
	folders := map[string]bool{}
	for name, f := range s.files {
		names := []string{name}
		if f.compressible() {
			names = append(names, name+".gz", name+".br")
		}
		for _, n := range names {
			if err := checkFile(target, ours, n); err != nil {
				return err
			}
		}
		folders[path.Dir(name)] = true
	}
	for folder := range folders {
		if err := checkFolder(target, folder); err != nil {
			return err
		}
	}
	return nil
}

func checkFile(target *os.Root, ours marker, name string) error {
	if err := ours.checkOurs(target, name); err != nil {
		return err
	}
	f, err := target.OpenFile(name, os.O_WRONLY, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return f.Close()
}

func checkFolder(target *os.Root, folder string) error {
	if _, err := target.Stat(folder); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	probe := path.Join(folder, ".dpo-playground-probe")
	f, err := target.OpenFile(probe, os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	f.Close()
	return target.Remove(probe)
}
