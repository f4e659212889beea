//go:build js

package page

import (
	"errors"
	"syscall/js"
)

// Await waits for a promise, letting the page go on meanwhile. It must not be
// called from an event handler, which may not wait.
func Await(promise js.Value) (js.Value, error) {
	type outcome struct {
		value js.Value
		err   error
	}
	done := make(chan outcome, 1)
	kept := js.FuncOf(func(_ js.Value, args []js.Value) any {
		v := js.Undefined()
		if len(args) > 0 {
			v = args[0]
		}
		done <- outcome{value: v}
		return nil
	})
	broken := js.FuncOf(func(_ js.Value, args []js.Value) any {
		done <- outcome{err: errors.New(args[0].Call("toString").String())}
		return nil
	})
	defer kept.Release()
	defer broken.Release()
	promise.Call("then", kept, broken)
	o := <-done
	return o.value, o.err
}

// Yield ends the browser's task and goes on in another one, so that the browser
// can do what waits meanwhile. It must not be called from an event handler, which
// may not wait.
func Yield() {
	done := make(chan struct{})
	goOn := js.FuncOf(func(js.Value, []js.Value) any {
		close(done)
		return nil
	})
	defer goOn.Release()
	js.Global().Call("setTimeout", goOn)
	<-done
}
