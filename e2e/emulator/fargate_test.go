//go:build emulator || aws

package emulator

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// fargate is where the tasks run on AWS.
type fargate struct{ docker string }

func (f *fargate) prepare(*workload, string, int) {}

// push builds an image of the worker and pushes it.
func (f *fargate) push(t *testing.T, w *workload, tag string, fail int) string {
	t.Helper()
	context := t.TempDir()
	program, share := workerProgram, fmt.Sprint(fail)
	if w.example {
		program, share = exampleProgram, fmt.Sprint(float64(fail)/1000)
	}
	worker, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	image := w.repository() + ":" + tag
	recipe := fmt.Sprintf("FROM public.ecr.aws/docker/library/alpine:3.22\nCOPY worker /worker\nENV FAIL=%s VERSION=%s LEDGER=/dev/stdout\nENTRYPOINT [\"/worker\"]\n", share, tag)
	for name, text := range map[string][]byte{"worker": worker, "Dockerfile": []byte(recipe)} {
		if err := os.WriteFile(filepath.Join(context, name), text, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	script := `set -eu -o pipefail
export BUILDX_NO_DEFAULT_ATTESTATIONS=1 # the tag is the image's own, and no list's with an attestation beside it
"$1" ecr get-login-password | "$2" login --username AWS --password-stdin "${3%%/*}"
"$2" build --platform linux/amd64 --tag "$3" "$4"
"$2" push "$3"`
	if _, err := w.run(t, "bash", "-c", script, "push", w.awsProgram, f.docker, image, context); err != nil {
		t.Fatal(err)
	}
	return read[struct {
		ImageDetails []struct{ ImageDigest string }
	}](t, w.cli, "ecr", "describe-images",
		"--repository-name", w.name, "--image-ids", "imageTag="+tag).ImageDetails[0].ImageDigest
}

func (f *fargate) running(t *testing.T, w *workload, service string) (digests []string) {
	t.Helper()
	tasks := read[struct{ TaskArns []string }](t, w.cli, "ecs", "list-tasks", "--cluster", w.name, "--service-name", service).TaskArns
	if len(tasks) == 0 {
		return nil
	}
	for _, task := range read[struct {
		Tasks []struct {
			LastStatus string
			Containers []struct{ Name, ImageDigest string }
		}
	}](t, w.cli, append([]string{"ecs", "describe-tasks", "--cluster", w.name, "--tasks"}, tasks...)...).Tasks {
		for _, c := range task.Containers {
			if task.LastStatus == "RUNNING" && c.Name == "worker" { // beside it there may be one that watches it
				digests = append(digests, c.ImageDigest)
			}
		}
	}
	return digests
}

// lines reads the workers' logs. A version is written by its tag there.
func (f *fargate) lines(t *testing.T, w *workload) (all []line) {
	t.Helper()
	for _, e := range read[struct{ Events []struct{ Message string } }](t, w.cli, "logs", "filter-log-events",
		"--log-group-name", "/serin-verify/"+w.name, "--filter-pattern", `{ $.receive > 0 }`).Events {
		var l line
		if json.Unmarshal([]byte(e.Message), &l) != nil || l.Receive == 0 { // where the pattern is not heeded
			continue
		}
		for digest, tag := range w.tags {
			if tag == l.Version {
				l.Version = digest
			}
		}
		all = append(all, l)
	}
	return all
}
