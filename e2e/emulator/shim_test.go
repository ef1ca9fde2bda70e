//go:build emulator

package emulator

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// unknown are the calls that the emulator does not know. Nothing scales the services here, so the answer is true.
var unknown = map[string]string{
	"AnyScaleFrontendService.DescribeScalableTargets": `{"ScalableTargets":[]}`,
}

// shim stands in front of the emulator: everybody's calls go through it, the functions' too. It answers the unknown
// ones, takes the answers of CodePipeline's jobs, routes between the versions of an alias, and writes each call to
// calls.log.
type shim struct {
	emulator *httputil.ReverseProxy
	jobs     *jobs
	routes   *routes
	mu       sync.Mutex
	log      io.Writer
}

// newShim returns a handler in front of the emulator at an address.
func newShim(t *testing.T, address string, jobs *jobs, routes *routes) *shim {
	t.Helper()
	log, err := os.Create(filepath.Join(folder, "calls.log"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = log.Close() })
	proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: address})
	proxy.ErrorHandler = func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) } // it is in calls.log
	return &shim{emulator: proxy, jobs: jobs, routes: routes, log: log}
}

func (s *shim) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := r.Header.Get("X-Amz-Target")
	if body, known := unknown[name]; known {
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		fmt.Fprint(w, body)
		s.note(r, name, "shim", 0)
		return
	}
	if name == jobSucceeds || name == jobFails {
		s.jobs.take(w, r)
		s.note(r, name, "shim", 0)
		return
	}
	began := time.Now()
	seen := &status{ResponseWriter: w}
	done := s.routes.route(r)
	s.emulator.ServeHTTP(seen, r)
	if done != nil {
		done(seen.code, w.Header())
	}
	s.note(r, name, fmt.Sprint(seen.code), time.Since(began))
}

func (s *shim) note(r *http.Request, name, code string, took time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fmt.Fprintf(s.log, "%s %s %s %s %s %v\n", time.Now().Format("15:04:05.000"), r.Method, r.URL.Path, name, code, took.Round(time.Millisecond))
}

type status struct {
	http.ResponseWriter
	code int
}

func (s *status) WriteHeader(code int) {
	s.code = code
	s.ResponseWriter.WriteHeader(code)
}
