//go:build emulator

package emulator

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// tasks does with the emulator what verify-aws does with Fargate: images are pushed, tasks listed, and the lines that
// they log read. Only Docker, which builds the images, is a script that puts a manifest of the engine's.
func tasks(t *testing.T, w *world) {
	engine := w.containers.(*engine)
	load := &workload{world: w, name: "fargate", single: true}
	engine.prepare(load, "initial", 0)
	load.stack(t, load.name, body(encode(t, load.template(0))))
	manifest, want := engine.manifest(load, "initial")
	f := &fargate{docker: docker(t, w, load.name, manifest)}
	digest := f.push(t, load, "initial", 0)
	if digest != want {
		t.Fatalf("pushed %s, want %s", digest, want)
	}
	load.scale(t)
	load.tags = map[string]string{digest: "initial"}
	for service, count := range load.services() {
		until(t, service+" is not seen to run", func() bool {
			return slices.Equal(f.running(t, load, service), slices.Repeat([]string{digest}, count))
		})
	}

	group := "/serin-verify/" + load.name
	w.aws(t, "logs", "create-log-stream", "--log-group-name", group, "--log-stream-name", "worker/1")
	type event struct {
		Timestamp int64  `json:"timestamp"`
		Message   string `json:"message"`
	}
	var events []event
	for i, text := range []string{
		`{"id":1,"version":"initial","ok":true,"receive":1}`, "2030/01/02 03:04:05 no line of the ledger", `{"id":2,"version":"other","ok":false,"receive":3}`,
	} {
		events = append(events, event{time.Now().UnixMilli() + int64(i), text})
	}
	w.aws(t, "logs", "put-log-events", "--log-group-name", group, "--log-stream-name", "worker/1", "--log-events", encode(t, events))
	if got := f.lines(t, load); !slices.Equal(got, []line{{1, digest, true, 1}, {2, "other", false, 3}}) {
		t.Errorf("the lines read are %v", got)
	}
}

// docker is a program that is called as Docker is: it takes a password, wants a worker and a recipe for it to build, and
// pushes a manifest into a repository.
func docker(t *testing.T, w *world, repository, manifest string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "docker")
	script := fmt.Sprintf(`#!/bin/bash
set -eu
case $1 in
login) test -n "$(cat)" ;;
build) context=${!#}; test -x "$context/worker"; grep -q '^COPY worker' "$context/Dockerfile" ;;
push) '%s' ecr put-image --repository-name %s --image-tag "${2##*:}" --image-manifest '%s' ;;
*) exit 9 ;;
esac
`, w.awsProgram, repository, strings.ReplaceAll(manifest, "'", `'\''`))
	if err := os.WriteFile(file, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	return file
}
