// SPDX-License-Identifier: Apache-2.0

// Command probe is what the tests' containers run: a static program that does
// as it is told, for images without a shell.
//
//	probe [-print TEXT]... [-after DURATION] [-serve ADDR] [-exit CODE]
//	probe -check URL
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

func main() {
	var farewell []string
	var (
		after  = flag.Duration("after", 0, "do nothing for this long after printing")
		serve  = flag.String("serve", "", "serve HTTP here until a signal comes; a prefix tcp: listens and never answers, udp: sends back what comes, tls: is https, 4: and 6: are for one family of IP alone")
		exit   = flag.Int("exit", 0, "end with this code")
		check  = flag.String("check", "", "GET this URL, and end with 0 if the status is 200")
		deaf   = flag.Bool("deaf", false, "ignore SIGTERM")
		stamp  = flag.Bool("stamp", false, "print the time in nanoseconds as the last thing")
		exists = flag.String("exists", "", "end with 0 if there is this file, with 1 otherwise")
	)
	flag.Func("farewell", "print a line when a signal comes", func(line string) error {
		farewell = append(farewell, line)
		return nil
	})
	var late []string
	flag.Func("late", "write a file when a signal comes: PATH=TEXT", func(file string) error {
		late = append(late, file)
		return nil
	})
	needs := flag.Int("needs", 0, "end with code 1 until started this often; counted in /data/starts")
	flag.Func("print", "print a line; to stderr if it begins with !", func(line string) error {
		say(line)
		return nil
	})
	flag.BoolFunc("id", "print the user, the group and the directory", func(string) error { return id() })
	flag.BoolFunc("cat", "print what can be read from stdin", func(string) error {
		_, err := io.Copy(os.Stdout, os.Stdin)
		return err
	})
	flag.Func("stat", "print the mode, the owner and the content of a file, or where a link leads", stat)
	flag.Func("write", "write a file: PATH=TEXT", write)
	flag.Func("copy", "copy a file: FROM=TO", copyFile)
	flag.Func("env", "print a variable", func(key string) error {
		say(os.Getenv(key))
		return nil
	})
	flag.Func("lines", "print so many lines", printLines)
	flag.Func("long", "print a line of so many MiB", printLong)
	flag.Func("eat", "use this many MiB of memory", eat)
	flag.CommandLine.Init(os.Args[0], flag.ContinueOnError)
	flag.CommandLine.SetOutput(io.Discard)
	if err := flag.CommandLine.Parse(os.Args[1:]); err != nil {
		say("!" + err.Error())
		os.Exit(2)
	}
	if *check != "" {
		os.Exit(get(*check))
	}
	if *exists != "" {
		os.Exit(look(*exists))
	}
	if !enough(*needs) {
		say("!not ready yet")
		os.Exit(1)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	if *deaf {
		signal.Ignore(syscall.SIGTERM)
	}
	select {
	case <-time.After(*after):
	case <-ctx.Done():
	}
	if *serve != "" {
		if err := listen(ctx, *serve); err != nil {
			say("!" + err.Error())
			os.Exit(1)
		}
	}
	for _, line := range farewell {
		say(line)
	}
	for _, file := range late {
		if err := write(file); err != nil {
			say("!" + err.Error())
		}
	}
	if *stamp {
		say(strconv.FormatInt(time.Now().UnixNano(), 10))
	}
	os.Exit(*exit)
}

// enough counts the starts in a file, whose length it is.
func enough(needs int) bool {
	if needs == 0 {
		return true
	}
	starts, _ := os.ReadFile("/data/starts") // none at first
	starts = append(starts, '+')
	if err := os.WriteFile("/data/starts", starts, 0o644); err != nil {
		say("!" + err.Error())
		return false
	}
	return len(starts) > needs
}

func say(line string) {
	if text, ok := strings.CutPrefix(line, "!"); ok {
		fmt.Fprintln(os.Stderr, text)
		return
	}
	fmt.Println(line)
}

func printLines(count string) error {
	n, err := strconv.Atoi(count)
	out := bufio.NewWriter(os.Stdout)
	for i := range n {
		fmt.Fprintf(out, "request %d was answered\n", i)
	}
	return errors.Join(err, out.Flush())
}

func printLong(mebibytes string) error {
	n, err := strconv.Atoi(mebibytes)
	fmt.Println(strings.Repeat("x", n<<20))
	return err
}

func listen(ctx context.Context, addr string) error {
	if udp, ok := strings.CutPrefix(addr, "udp:"); ok {
		return echo(ctx, udp)
	}
	addr, silent := strings.CutPrefix(addr, "tcp:")
	addr, secret := strings.CutPrefix(addr, "tls:")
	family := ""
	for _, f := range []string{"4", "6"} {
		if rest, only := strings.CutPrefix(addr, f+":"); only {
			family, addr = f, rest
		}
	}
	l, err := net.Listen("tcp"+family, addr)
	if err != nil {
		return err
	}
	say("listening on " + addr)
	if silent {
		<-ctx.Done()
		return l.Close()
	}
	server := &http.Server{Handler: handler()}
	context.AfterFunc(ctx, func() { server.Close() })
	if secret {
		if l, err = overTLS(l); err != nil {
			return err
		}
	}
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// echo sends back what comes by UDP.
func echo(ctx context.Context, addr string) error {
	l, err := net.ListenPacket("udp", addr)
	if err != nil {
		return err
	}
	say("listening on " + addr)
	context.AfterFunc(ctx, func() { l.Close() })
	for buf := make([]byte, 1500); ; {
		n, from, err := l.ReadFrom(buf)
		if err != nil {
			return nil
		}
		if _, err := l.WriteTo(buf[:n], from); err != nil {
			return err
		}
	}
}

// handler serves: what an actor does, /health, /env?KEY, /fetch?URL (a GET from inside), /die (with code 3), and a
// store of files: PUT and GET /file/NAME under /data, and /file/DIR/NAME anywhere.
func handler() http.Handler {
	mux := http.NewServeMux()
	newActor().handle(mux)
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /die", func(http.ResponseWriter, *http.Request) { os.Exit(3) })
	mux.HandleFunc("GET /env", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, os.Getenv(r.URL.RawQuery)) })
	mux.HandleFunc("GET /say", func(w http.ResponseWriter, r *http.Request) { say(r.URL.Query().Get("line")) })
	mux.HandleFunc("GET /fetch", func(w http.ResponseWriter, r *http.Request) {
		resp, err := http.Get(r.URL.RawQuery)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		defer resp.Body.Close()
		_, _ = io.Copy(w, resp.Body)
	})
	mux.HandleFunc("PUT /file/{path...}", func(w http.ResponseWriter, r *http.Request) {
		content, err := io.ReadAll(r.Body)
		if err == nil {
			err = os.WriteFile(stored(r), content, 0o644)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	})
	mux.HandleFunc("GET /file/{path...}", func(w http.ResponseWriter, r *http.Request) {
		http.ServeFile(w, r, stored(r))
	})
	return mux
}

// stored is the file that a request means.
func stored(r *http.Request) string {
	path := r.PathValue("path")
	if !strings.Contains(path, "/") {
		path = "data/" + path
	}
	return filepath.Join("/", path)
}

func get(url string) int {
	client := http.Client{Timeout: 2 * time.Second}
	resp, err := client.Get(url)
	if err != nil {
		fmt.Println(err)
		return 1
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		fmt.Println(resp.Status)
		return 1
	}
	first(time.Now())
	return 0
}
