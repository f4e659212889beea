package site

import (
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"
)

// The service worker keeps the site for when there is no network. Its source lies among
// the assets. It is served from the site's root, since a worker serves only pages of its own folder
// and below.
const (
	workerName   = "sw.js"
	workerSource = assetsFolder + "/" + workerName
)

// keepOffline adds the service worker to a site whose sources have one. The worker
// holds the hashes of the files that it keeps, so it is another one whenever any of them is.
func (s *Site) keepOffline(source []byte) error {
	hashes := map[string]string{}
	for name, f := range s.files {
		if isKeptOffline(name) {
			hashes[strings.TrimPrefix(name, indexName)] = f.hash
		}
	}
	list, err := json.Marshal(hashes) // in the order of the names
	if err != nil {
		return err
	}
	const filesLine, versionLine = "const files = {};", `const version = "";`
	text := string(source)
	if strings.Count(text, filesLine) != 1 || strings.Count(text, versionLine) != 1 {
		return fmt.Errorf("%s: it must hold the lines %q and %q once each, for the list of files and the version", workerSource, filesLine, versionLine)
	}
	text = strings.Replace(text, filesLine, "const files = "+string(list)+";", 1)
	text = strings.Replace(text, versionLine, fmt.Sprintf("const version = %q;", newFile("", list, nil).hash), 1)
	s.files[workerName] = newFile(workerName, []byte(text), nil)
	return nil
}

// isKeptOffline tells whether a file is needed without a network: all are but the
// documents, and the pictures and the manifest that only a system shows.
func isKeptOffline(name string) bool {
	return !slices.Contains(documents, name) && !slices.Contains([]string{".png", ".webmanifest"}, path.Ext(name))
}

// retired is the worker of a site that changes while it is looked at. It takes the place
// of one that the same address had before, drops what that kept, and then removes itself.
const retired = `"use strict";
addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil((async () => {
  for (const name of await caches.keys()) if (name.startsWith("dpo-playground ")) await caches.delete(name);
  await registration.unregister();
})()));
`

// retireWorker has a site keep nothing for offline.
func (s *Site) retireWorker() {
	if s.files[workerName] != nil {
		s.files[workerName] = newFile(workerName, []byte(retired), nil)
	}
}
