//go:build emulator || aws

package emulator

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// cli runs the AWS CLI, and serin's command line, as a person would.
type cli struct {
	awsProgram string
	env        []string
	group      int // the process group that ends with the test; 0: the test's own
}

// as is the same for another person, or under other settings.
func (c cli) as(env ...string) cli {
	c.env = append(slices.Clone(c.env), env...) // of a variable that is there twice the last counts
	return c
}

// run runs a program and returns what it printed. A program that fails is an error with all it said.
func (c cli) run(t *testing.T, program string, args ...string) ([]byte, error) {
	t.Helper()
	ctx, cancel := context.WithDeadline(context.Background(), limit(t, 5*time.Second)) // cleaning up runs programs too
	defer cancel()
	var stdout, stderr bytes.Buffer
	command := exec.CommandContext(ctx, program, args...)
	command.Env = append(os.Environ(), c.env...)
	command.Stdout, command.Stderr = &stdout, &stderr
	command.SysProcAttr, command.WaitDelay = member(c.group), 10*time.Second
	if err := command.Run(); err != nil {
		return stdout.Bytes(), fmt.Errorf("%s %s: %w\n%s%s", filepath.Base(program), strings.Join(args, " "), err, stdout.Bytes(), stderr.Bytes())
	}
	return stdout.Bytes(), nil
}

// member starts a process in a process group; 0: in that of the test.
func member(group int) *syscall.SysProcAttr {
	if group == 0 {
		return nil
	}
	return &syscall.SysProcAttr{Setpgid: true, Pgid: group}
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

// exits runs serin's command line, wants an exit code, and returns all that it printed.
func (c cli) exits(t *testing.T, code int, args ...string) string {
	t.Helper()
	out, err := c.run(t, serinProgram, args...)
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit) && exit.ExitCode() == code, err == nil && code == 0:
	default:
		t.Fatalf("want exit code %d of serin %s: %v\n%s", code, strings.Join(args, " "), err, out)
	}
	if err != nil {
		return err.Error()
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
