// Command dpoplayground builds the playground's program for the browser and
// serves the site, or writes it out for a static host:
//
//	go run .                 build, serve on 127.0.0.1:8080, open the browser
//	go run . -dev            the same, rebuilding when a file changes
//	go run . -export DIR     write a static site into DIR
//	go run . -export DIR -single   write one page into DIR that opens by a double click
//	go run . -source URL     have the page link to its source code
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"unicode"

	"dpoplayground/serve"
	"dpoplayground/serve/build"
	"dpoplayground/serve/site"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "dpoplayground:", err)
		os.Exit(1)
	}
}

// options is what the command line asks for.
type options struct {
	addr   string // host:port, or empty for the first free port from defaultPort on
	open   bool   // open the browser
	dev    bool   // rebuild on change
	export string // folder to export to, or empty to serve
	single bool   // export one page with everything in it
	source string // address of the source code for the page to link to, or empty
}

// run is main without the process: it returns when ctx ends or the export is written.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	opt, err := parseOptions(args, stdout)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	dir, err := os.Getwd()
	if err != nil {
		return err
	}
	root, err := build.FindRoot(dir)
	if err != nil {
		return err
	}
	if opt.single {
		return site.ExportSingle(ctx, root, opt.export, opt.source, stdout, stderr)
	}
	if opt.export != "" {
		return site.Export(ctx, root, opt.export, opt.source, stdout, stderr)
	}
	return answer(ctx, root, opt, stdout, stderr)
}

func parseOptions(args []string, help io.Writer) (options, error) {
	var opt options
	flags := flag.NewFlagSet("dpoplayground", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // the error says it all; the list of flags only on -h
	flags.StringVar(&opt.addr, "addr", "", "listen on this `host:port` (default: the first free port of 127.0.0.1 from 8080 on)")
	flags.BoolVar(&opt.open, "open", true, "open the browser")
	flags.BoolVar(&opt.dev, "dev", false, "rebuild when a file changes")
	flags.StringVar(&opt.export, "export", "", "write a static site into this `folder` instead of serving")
	flags.BoolVar(&opt.single, "single", false, "with -export, write one page with everything in it, which opens by a double click")
	flags.StringVar(&opt.source, "source", "", "have the page link to its source code at this `address`")
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprintln(help, "Usage: go run . [flags]")
		flags.SetOutput(help)
		flags.PrintDefaults()
		return opt, err
	case err != nil:
		return opt, fmt.Errorf("%w (go run . -h lists the flags)", err)
	case flags.NArg() > 0:
		return opt, fmt.Errorf("unexpected argument %q (go run . -h lists the flags)", flags.Arg(0))
	}
	empty := ""
	flags.Visit(func(f *flag.Flag) {
		if f.Value.String() == "" {
			empty = f.Name
		}
	})
	if empty != "" {
		return opt, fmt.Errorf("-%s is empty: give it a value or leave it out (go run . -h lists the flags)", empty)
	}
	return opt, opt.check()
}

func (opt options) check() error {
	if opt.single && opt.export == "" {
		return errors.New("-single needs -export: name the folder that the page is to be written into")
	}
	if opt.export != "" && (opt.dev || opt.addr != "") {
		return errors.New("-export writes files and serves nothing: leave out -dev and -addr")
	}
	if err := checkSource(opt.source); err != nil {
		return err
	}
	if opt.addr == "" {
		return nil
	}
	_, port, err := net.SplitHostPort(opt.addr)
	if n, portErr := strconv.Atoi(port); err != nil || portErr != nil || n < 0 || n > 65535 {
		return fmt.Errorf("-addr %q is not an address: write host:port with a port from 0 to 65535, such as 127.0.0.1:9000", opt.addr)
	}
	return nil
}

// checkSource checks the address that the page is to link to.
func checkSource(source string) error {
	u, err := url.Parse(source)
	web := err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Hostname() != "" && u.User == nil
	if source == "" || web && !strings.ContainsFunc(source, unicode.IsSpace) {
		return nil
	}
	return fmt.Errorf("-source %q is not the address of a page: write it whole and without a name or password, such as https://example.org/code", source)
}

// answer serves the site until ctx ends.
func answer(ctx context.Context, root string, opt options, stdout, stderr io.Writer) error {
	ln, err := serve.Listen(opt.addr)
	if err != nil {
		return err
	}
	defer ln.Close()
	handler, err := newHandler(ctx, root, opt, stderr)
	if err != nil {
		return err
	}
	addr := ln.Addr().(*net.TCPAddr)
	if addr.IP.IsLoopback() {
		handler = site.LocalHostsOnly(handler)
	}
	address := serve.URL(addr)
	fmt.Fprintf(stdout, "The playground is at %s (Ctrl-C stops it)\n", address)
	if opt.open {
		serve.OpenBrowser(address)
	}
	return serve.Until(ctx, ln, handler, stderr)
}

func newHandler(ctx context.Context, root string, opt options, log io.Writer) (http.Handler, error) {
	if opt.dev {
		return site.Dev(ctx, root, opt.source, log), nil
	}
	s, err := site.Build(ctx, root, opt.source, log)
	if err != nil {
		return nil, err
	}
	go s.Warm()
	return s, nil
}
