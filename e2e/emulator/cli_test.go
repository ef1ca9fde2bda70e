//go:build emulator || aws

package emulator

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// cli runs the AWS CLI, and serin's command line, as a person would.
type cli struct {
	awsProgram string
	env        []string
}

// run runs a program and returns what it printed. A program that fails is an error with all it said.
func (c cli) run(t *testing.T, program string, args ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	var stdout, stderr bytes.Buffer
	command := exec.CommandContext(ctx, program, args...)
	command.Env = append(os.Environ(), c.env...)
	command.Stdout, command.Stderr = &stdout, &stderr
	if err := command.Run(); err != nil {
		return stdout.Bytes(), fmt.Errorf("%s %s: %w\n%s%s", filepath.Base(program), strings.Join(args, " "), err, stdout.Bytes(), stderr.Bytes())
	}
	return stdout.Bytes(), nil
}

// aws runs the AWS CLI and fails the test when it fails.
func (c cli) aws(t *testing.T, args ...string) []byte {
	t.Helper()
	out, err := c.run(t, c.awsProgram, append(args, "--output", "json")...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// read runs the AWS CLI and decodes its answer.
func read[T any](t *testing.T, c cli, args ...string) T {
	t.Helper()
	return decode[T](t, c.aws(t, args...))
}

// serin runs serin's command line and fails the test when it fails.
func (c cli) serin(t *testing.T, args ...string) string {
	t.Helper()
	out, err := c.run(t, serinProgram, args...)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func decode[T any](t *testing.T, text []byte) T {
	t.Helper()
	var value T
	if err := json.Unmarshal(text, &value); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return value
}

func encode(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
