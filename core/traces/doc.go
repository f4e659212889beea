// Package traces holds runs to the bits on record: on every machine, in every
// browser, and in every later version that reads the same links. It has tests
// alone, apart from those of other packages because they are also compiled for
// the browser and run there. It may import all of core.
package traces
