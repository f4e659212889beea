// Package serve is what the command does beside building and serving the site: it
// listens, and opens the browser. It may import the standard library alone.
package serve

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strconv"
	"time"
)

const (
	defaultHost = "127.0.0.1"
	defaultPort = 8080
	portsToTry  = 40
)

// Listen opens addr, or, when addr is empty, the first free one of the default ports.
func Listen(addr string) (net.Listener, error) {
	if addr != "" {
		ln, err := net.Listen("tcp", addr)
		if err != nil {
			return nil, fmt.Errorf("cannot listen on %s: %w; choose another -addr, or leave it out to take the next free port", addr, err)
		}
		return ln, nil
	}
	return listenFrom(defaultPort, portsToTry)
}

// listenFrom opens the first free port of count ports of 127.0.0.1, from first on.
func listenFrom(first, count int) (net.Listener, error) {
	var last error
	for port := first; port < first+count; port++ {
		ln, err := net.Listen("tcp", net.JoinHostPort(defaultHost, strconv.Itoa(port)))
		if err == nil {
			return ln, nil
		}
		last = err
	}
	return nil, fmt.Errorf("no free port on %s from %d to %d: %w; choose one with -addr", defaultHost, first, first+count-1, last)
}

// URL returns the address of the site that is served at addr.
func URL(addr *net.TCPAddr) string {
	host := addr.IP.String()
	if addr.IP.IsUnspecified() {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, strconv.Itoa(addr.Port)) + "/"
}

// grace is how long requests in flight may take when the server ends. An
// interrupt is to be heard within a second.
const grace = 700 * time.Millisecond

// Until serves until ctx ends, then lets the requests in flight finish.
func Until(ctx context.Context, ln net.Listener, h http.Handler, errors io.Writer) error {
	server := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      5 * time.Minute, // a slow line, or a rebuild under -dev
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          log.New(errors, "", log.LstdFlags),
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(ln) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	ending, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	if err := server.Shutdown(ending); err != nil {
		return server.Close()
	}
	return nil
}
