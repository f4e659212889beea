// These files stand in for, or join, files of the real module of this name at
// the version in ../upstream.sha256. See slim.go at the top for how they meet.
// This file only keeps them out of the playground's own module.
module github.com/hajimehoshi/ebiten/v2

go 1.24.0
