//go:build emulator

package emulator

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// process is a container: a process of its image's program.
type process struct {
	id, name, image, digest string
	labels                  map[string]string
	program, logs           string
	env, base               []string
	group                   int // process group
	metrics                 *metrics

	mu      sync.Mutex
	command *exec.Cmd
	done    chan struct{}
	code    int
	began   time.Time
}

func (p *process) start() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.command != nil {
		return nil
	}
	log, err := os.Create(filepath.Join(p.logs, p.name+".log"))
	if err != nil {
		return err
	}
	command := exec.Command(p.program)
	command.Env = append(append(append([]string{}, os.Environ()...), p.env...), p.base...)
	command.Env = append(command.Env, "LEDGER="+filepath.Join(p.logs, p.name+".ledger"))
	command.Stdout, command.Stderr, command.SysProcAttr = &logged{to: log, metrics: p.metrics}, log, member(p.group)
	if err := command.Start(); err != nil {
		return fmt.Errorf("start %s: %w", p.program, err)
	}
	p.command, p.done, p.began = command, make(chan struct{}), time.Now()
	go func() {
		err := command.Wait()
		_ = log.Close()
		p.mu.Lock()
		defer p.mu.Unlock()
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			p.code = exit.ExitCode()
		}
		close(p.done)
	}()
	return nil
}

// over is closed when the process has ended.
func (p *process) over() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.done == nil {
		ended := make(chan struct{})
		close(ended)
		return ended
	}
	return p.done
}

func (p *process) running() bool {
	p.mu.Lock()
	begun := p.command != nil
	p.mu.Unlock()
	select {
	case <-p.over():
		return false
	default:
		return begun
	}
}

func (p *process) exitCode() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.code
}

// stop asks the process to end, and kills it when it has not ended in time.
func (p *process) stop(patience time.Duration) error {
	if !p.running() {
		return nil
	}
	_ = p.command.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.over():
	case <-time.After(patience):
		return p.kill()
	}
	return nil
}

func (p *process) kill() error {
	if p.running() {
		_ = p.command.Process.Kill()
		<-p.over()
	}
	return nil
}

// variable is a value of its environment.
func (p *process) variable(name string) string {
	for _, pair := range p.env {
		if value, ok := strings.CutPrefix(pair, name+"="); ok {
			return value
		}
	}
	return ""
}

// inspection is what Docker says of the container.
func (p *process) inspection() map[string]any {
	running := p.running()
	p.mu.Lock()
	defer p.mu.Unlock()
	status := "created"
	switch {
	case running:
		status = "running"
	case p.command != nil:
		status = "exited"
	}
	pid := 0
	if running {
		pid = p.command.Process.Pid
	}
	return map[string]any{
		"Id": p.id, "Name": "/" + p.name, "Image": p.digest, "Created": p.began.Format(time.RFC3339Nano),
		"State":           map[string]any{"Status": status, "Running": running, "ExitCode": p.code, "Pid": pid, "StartedAt": p.began.Format(time.RFC3339Nano), "OOMKilled": false, "Error": ""},
		"Config":          map[string]any{"Image": p.image, "Labels": p.labels, "Env": p.env},
		"HostConfig":      map[string]any{},
		"NetworkSettings": map[string]any{"Networks": map[string]any{}, "Ports": map[string]any{}, "IPAddress": ""},
	}
}
