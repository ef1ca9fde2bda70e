//go:build emulator

package emulator

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ecr"
)

// The engine as a place where tasks run.

// manifest is an image's manifest; its hash is the digest.
func (e *engine) manifest(w *workload, tag string) (text, digest string) {
	text = fmt.Sprintf(`{"schemaVersion":2,"config":{},"layers":[],"annotations":{"image":"%s:%s"}}`, w.name, tag)
	return text, fmt.Sprintf("sha256:%x", sha256.Sum256([]byte(text)))
}

func (e *engine) prepare(w *workload, tag string, fail int) {
	_, digest := e.manifest(w, tag)
	what := image{program: workerProgram, env: []string{"FAIL=" + strconv.Itoa(fail)}}
	if w.example {
		what = image{program: exampleProgram, env: []string{fmt.Sprint("FAIL=", float64(fail)/1000)}}
	}
	e.know(w.repository(), tag, digest, what)
}

func (e *engine) push(t *testing.T, w *workload, tag string, fail int) string {
	t.Helper()
	e.prepare(w, tag, fail)
	text, digest := e.manifest(w, tag)
	if _, err := ecr.NewFromConfig(w.config(t)).PutImage(t.Context(), &ecr.PutImageInput{
		RepositoryName: &w.name, ImageTag: &tag, ImageManifest: &text,
	}); err != nil {
		t.Fatal(err)
	}
	return digest
}

func (e *engine) running(_ *testing.T, _ *workload, service string) (digests []string) {
	for _, p := range e.processes(service) {
		digests = append(digests, p.digest)
	}
	return digests
}

func (e *engine) lines(t *testing.T, w *workload) []line {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(e.logs, "*.ledger"))
	if err != nil {
		t.Fatal(err)
	}
	var all []line
	for _, name := range files {
		if e.namespace(strings.TrimSuffix(filepath.Base(name), ".ledger")) != w.namespace() {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
			var l line
			if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			all = append(all, l)
		}
	}
	return all
}

// namespace says whose a container is or was.
func (e *engine) namespace(container string) string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.namespaces[container]
}
