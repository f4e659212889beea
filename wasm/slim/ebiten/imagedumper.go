package ebiten

// imageDumper saves screenshots when a key named in the environment is
// pressed. A page has no environment, so this one does nothing.
type imageDumper struct{}

func (*imageDumper) update() error { return nil }

func (*imageDumper) dump(screen *Image, transparent bool) error { return nil }
