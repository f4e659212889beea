// Package pagetest tests the page in a real browser, and holds the page, the
// catalogue and the program together. It has tests only, which may import whatever
// they need.
package pagetest
