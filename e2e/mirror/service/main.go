// Command service is a web service to be mirrored. It says what it got, and counts it.
//
//	service -listen 127.0.0.1:8080 -control 127.0.0.1:8081
//
// Users ask at the first address: /echo answers with the request as it came; /work?ms=N takes that long; /status?code=N;
// /bytes?n=N; /chunks sends in pieces; /silence never answers; /cut hangs up; /upgrade echoes as a websocket would; and
// everything else is /work of a few milliseconds. At the second, GET tells what came and POST ?mode= changes how all
// requests are answered: well, hung, slow or failing.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Seen is what came since the last time that somebody asked.
type Seen struct {
	Requests int            `json:"requests"`
	Methods  map[string]int `json:"methods"`
	Paths    map[string]int `json:"paths"`
	IDs      map[string]int `json:"ids"` // X-Id, and how often each came
}

type service struct {
	mu   sync.Mutex
	seen Seen
	mode string
}

func main() {
	listen := flag.String("listen", "127.0.0.1:8080", "where users ask")
	control := flag.String("control", "127.0.0.1:8081", "where tests ask")
	flag.Parse()
	s := &service{seen: empty()}
	failed := make(chan error)
	for address, handler := range map[string]http.Handler{*listen: http.HandlerFunc(s.serve), *control: http.HandlerFunc(s.control)} {
		server := &http.Server{Addr: address, Handler: handler, ReadHeaderTimeout: time.Minute}
		go func() { failed <- server.ListenAndServe() }()
	}
	log.Fatal(<-failed)
}

func empty() Seen {
	return Seen{Methods: map[string]int{}, Paths: map[string]int{}, IDs: map[string]int{}}
}

// control tells what came and forgets it, or changes the mode.
func (s *service) control(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.Method == http.MethodPost {
		s.mode = r.URL.Query().Get("mode")
		return
	}
	_ = json.NewEncoder(w).Encode(s.seen)
	s.seen = empty()
}

func (s *service) note(r *http.Request) (mode string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen.Requests++
	s.seen.Methods[r.Method]++
	s.seen.Paths[r.URL.Path]++
	if id := r.Header.Get("X-Id"); id != "" {
		s.seen.IDs[id]++
	}
	return s.mode
}

func (s *service) serve(w http.ResponseWriter, r *http.Request) {
	switch s.note(r) {
	case "hung":
		<-r.Context().Done()
		return
	case "slow":
		wait(r, 5*time.Second)
	case "failing":
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	w.Header().Set("Server", "service/1")
	number := func(name string) int { n, _ := strconv.Atoi(r.URL.Query().Get(name)); return n }
	switch r.URL.Path {
	case "/work":
		wait(r, time.Duration(number("ms"))*time.Millisecond)
		_, _ = io.WriteString(w, "done\n")
	case "/status":
		w.WriteHeader(number("code"))
	case "/bytes":
		w.Header().Set("X-Kind", "large")
		_, _ = io.WriteString(w, strings.Repeat("x", number("n")))
	case "/chunks":
		for i := range 3 {
			_, _ = fmt.Fprintf(w, "piece %d\n", i)
			w.(http.Flusher).Flush()
		}
	case "/silence":
		<-r.Context().Done()
	case "/cut":
		hangUp(w)
	case "/upgrade":
		upgrade(w, r)
	default:
		echo(w, r)
	}
}

func wait(r *http.Request, d time.Duration) {
	select {
	case <-time.After(d):
	case <-r.Context().Done():
	}
}

func hangUp(w http.ResponseWriter) {
	if connection, _, err := w.(http.Hijacker).Hijack(); err == nil {
		_ = connection.Close()
	}
}

// echo answers with the request as it came, its headers in order.
func echo(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	w.Header().Add("Set-Cookie", "a=1")
	w.Header().Add("Set-Cookie", "b=2")
	w.Header()["X-lower-CASE"] = []string{"kept"}
	lines := []string{fmt.Sprintf("%s %s %s", r.Method, r.RequestURI, r.Proto), "Host: " + r.Host}
	for name, values := range r.Header {
		lines = append(lines, name+": "+strings.Join(values, " | "))
	}
	slices.Sort(lines[2:])
	_, _ = fmt.Fprintf(w, "%s\n\n%s", strings.Join(lines, "\n"), body)
}

// upgrade sends back what it gets, once the client asked for a websocket.
func upgrade(w http.ResponseWriter, r *http.Request) {
	if !strings.EqualFold(r.Header.Get("Upgrade"), "websocket") {
		http.Error(w, "no websocket", http.StatusUpgradeRequired)
		return
	}
	connection, buffered, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	defer connection.Close() //nolint:errcheck // nothing is left to do
	_, _ = io.WriteString(connection, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nX-Seen: "+strings.ToLower(r.Header.Get("Connection"))+"\r\n\r\n")
	_, _ = io.Copy(connection, buffered)
}
