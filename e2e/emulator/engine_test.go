//go:build emulator

package emulator

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// engine is a container engine as far as the emulator's ECS asks for one: Docker's Engine API over TCP. An image is a
// digest with a program and its environment; a container is a process of it.
type engine struct {
	registry
	logs    string // folder
	env     []string
	group   int // process group of the containers
	metrics *metrics

	mu         sync.Mutex
	containers map[string]*process
	namespaces map[string]string // of containers, by name, removed ones too: whose they are
	last       int
}

var apiVersion = regexp.MustCompile(`^/v1\.\d+`)

// serve starts the engine on a free port and returns its address. Every container is stopped when the test ends.
func (e *engine) serve(t *testing.T) string {
	t.Helper()
	e.containers, e.namespaces = map[string]*process{}, map[string]string{}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: e.routes(), ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() {
		_ = server.Close()
		e.stopAll()
	})
	return listener.Addr().String()
}

func (e *engine) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /version", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, map[string]any{"Version": "25.0.0", "ApiVersion": "1.44", "MinAPIVersion": "1.24"})
	})
	mux.HandleFunc("GET /_ping", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "OK") })
	mux.HandleFunc("GET /containers/json", func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, []any{}) })
	mux.HandleFunc("POST /containers/create", e.create)
	mux.HandleFunc("POST /containers/{id}/start", e.each((*process).start))
	mux.HandleFunc("POST /containers/{id}/kill", e.each((*process).kill))
	mux.HandleFunc("POST /containers/{id}/stop", e.stop)
	mux.HandleFunc("POST /containers/{id}/wait", e.wait)
	mux.HandleFunc("GET /containers/{id}/json", e.inspect)
	mux.HandleFunc("GET /containers/{id}/logs", func(http.ResponseWriter, *http.Request) {}) // they are in a file
	mux.HandleFunc("DELETE /containers/{id}", e.remove)
	e.images(mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.URL.Path = apiVersion.ReplaceAllString(r.URL.Path, "")
		r.URL.RawPath = ""
		mux.ServeHTTP(w, r)
	})
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

func missing(w http.ResponseWriter, what string) {
	answer(w, http.StatusNotFound, map[string]string{"message": "No such " + what})
}

func (e *engine) create(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		Image  string
		Env    []string
		Labels map[string]string
	}
	if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
		answer(w, http.StatusBadRequest, map[string]string{"message": err.Error()})
		return
	}
	digest, found := e.digest(asked.Image)
	if !found {
		missing(w, "image: "+asked.Image)
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.last++
	id := fmt.Sprintf("%064x", e.last)
	p := &process{
		id: id, name: r.URL.Query().Get("name"), image: asked.Image, digest: digest, labels: asked.Labels,
		program: e.image(digest).program, logs: e.logs, env: append(onHost(asked.Env), e.image(digest).env...), base: e.env, group: e.group, metrics: e.metrics,
	}
	e.containers[id], e.namespaces[p.name] = p, p.variable("NAMESPACE")
	answer(w, http.StatusCreated, map[string]any{"Id": id, "Warnings": []string{}})
}

// onHost gives the name by which Docker's containers find their host the address it has for processes of the host.
func onHost(env []string) (all []string) {
	for _, pair := range env {
		all = append(all, strings.Replace(pair, "//host.docker.internal:", "//127.0.0.1:", 1))
	}
	return all
}

func (e *engine) container(w http.ResponseWriter, r *http.Request) *process {
	e.mu.Lock()
	defer e.mu.Unlock()
	found := e.containers[r.PathValue("id")]
	if found == nil {
		missing(w, "container: "+r.PathValue("id"))
	}
	return found
}

func (e *engine) each(do func(*process) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		p := e.container(w, r)
		if p == nil {
			return
		}
		if err := do(p); err != nil {
			answer(w, http.StatusInternalServerError, map[string]string{"message": err.Error()})
			return
		}
		w.WriteHeader(http.StatusNoContent)
	}
}

func (e *engine) stop(w http.ResponseWriter, r *http.Request) {
	seconds, err := strconv.Atoi(r.URL.Query().Get("t"))
	if err != nil {
		seconds = 10
	}
	e.each(func(p *process) error { return p.stop(time.Duration(seconds) * time.Second) })(w, r)
}

func (e *engine) wait(w http.ResponseWriter, r *http.Request) {
	if p := e.container(w, r); p != nil {
		<-p.over()
		answer(w, http.StatusOK, map[string]any{"StatusCode": p.exitCode()})
	}
}

func (e *engine) inspect(w http.ResponseWriter, r *http.Request) {
	if p := e.container(w, r); p != nil {
		answer(w, http.StatusOK, p.inspection())
	}
}

func (e *engine) remove(w http.ResponseWriter, r *http.Request) {
	p := e.container(w, r)
	if p == nil {
		return
	}
	_ = p.kill()
	e.mu.Lock()
	delete(e.containers, p.id)
	e.mu.Unlock()
	w.WriteHeader(http.StatusNoContent)
}

// processes lists the processes that run now, of one service: its task definitions' family is named as it is.
func (e *engine) processes(service string) []*process {
	e.mu.Lock()
	defer e.mu.Unlock()
	var found []*process
	for _, p := range e.containers {
		if p.running() && (service == "" || p.labels["com.amazonaws.ecs.task-definition-family"] == service) {
			found = append(found, p)
		}
	}
	return found
}

func (e *engine) stopAll() {
	var all sync.WaitGroup
	for _, p := range e.processes("") {
		all.Go(func() { _ = p.stop(5 * time.Second) })
	}
	all.Wait()
}
