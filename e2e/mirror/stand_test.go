//go:build mirror

package mirror

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/serin-aws/serin/internal/proxy"
)

// tools is the folder with Envoy and the service's program, and nginx's; they are put on the path.
var tools string

func TestMain(m *testing.M) {
	folder, err := prepare()
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e-mirror:", err)
		os.Exit(1)
	}
	tools = folder
	const migrate = "/proc/sys/net/ipv4/tcp_migrate_req" // the script sets it; the machine gets back what it had
	before, _ := os.ReadFile(migrate)
	code := m.Run()
	_ = os.WriteFile(migrate, before, 0o600)
	_ = os.RemoveAll(folder)
	os.Exit(code)
}

// prepare finds both proxies and builds the service.
func prepare() (string, error) {
	if err := os.Setenv("PATH", os.Getenv("PATH")+":/usr/sbin:/usr/local/sbin"); err != nil {
		return "", err
	}
	if _, err := exec.LookPath("nginx"); err != nil {
		return "", fmt.Errorf("nginx is missing; install it (Debian, Ubuntu: apt-get install nginx-light; Fedora: dnf install nginx)")
	}
	found, err := filepath.Glob("../../.tools/proxies/lib/python3*/site-packages/envoy/_bin/envoy")
	if err != nil || len(found) != 1 {
		return "", fmt.Errorf("Envoy is missing; install it with: scripts/foreign-tools.sh proxies")
	}
	envoy, err := filepath.Abs(found[0])
	if err != nil {
		return "", err
	}
	folder, err := os.MkdirTemp("", "serin-mirror-")
	if err != nil {
		return "", err
	}
	if err := os.Chmod(folder, 0o755); err != nil { //nolint:gosec // nginx's workers run as another user
		return "", err
	}
	if err := os.Symlink(envoy, filepath.Join(folder, "envoy")); err != nil {
		return "", err
	}
	if err := os.Setenv("PATH", folder+":"+os.Getenv("PATH")); err != nil {
		return "", err
	}
	out, err := exec.Command("go", "build", "-o", filepath.Join(folder, "service"), "./service").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build the service: %w: %s", err, out)
	}
	return folder, nil
}

// freePort returns a port that nobody listens on.
func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() //nolint:errcheck // it was only asked for its port
	return l.Addr().(*net.TCPAddr).Port
}

func local(port int) string { return fmt.Sprintf("127.0.0.1:%d", port) }

// backend is one process of the service.
type backend struct {
	t       *testing.T
	address string // for users
	control string
	process *exec.Cmd
}

// Seen is what the service says of what came.
type Seen struct {
	Requests            int
	Methods, Paths, IDs map[string]int
}

func startBackend(t *testing.T) *backend {
	t.Helper()
	b := &backend{t: t, address: local(freePort(t)), control: local(freePort(t))}
	b.process = begin(t, filepath.Join(tools, "service"), "-listen", b.address, "-control", b.control)
	eventually(t, "the service answers", func() bool { return reachable(b.control) && reachable(b.address) })
	return b
}

// mode changes how the service answers everything.
func (b *backend) mode(mode string) {
	b.t.Helper()
	answer, err := http.Post("http://"+b.control+"/?mode="+mode, "", nil) //nolint:noctx // loopback
	if err != nil {
		b.t.Fatal(err)
	}
	_ = answer.Body.Close()
}

// seen returns what came since it was asked last.
func (b *backend) seen() Seen {
	b.t.Helper()
	answer, err := http.Get("http://" + b.control) //nolint:noctx // loopback
	if err != nil {
		b.t.Fatal(err)
	}
	defer answer.Body.Close() //nolint:errcheck // only read
	var s Seen
	if err := json.NewDecoder(answer.Body).Decode(&s); err != nil {
		b.t.Fatal(err)
	}
	return s
}

// stop ends the process: its port refuses connections.
func (b *backend) stop() {
	_ = b.process.Process.Kill()
	_, _ = b.process.Process.Wait()
}

func begin(t *testing.T, name string, args ...string) *exec.Cmd {
	t.Helper()
	log := &strings.Builder{}
	c := exec.Command(name, args...)
	c.Stdout, c.Stderr = log, log
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
		if t.Failed() {
			t.Logf("%s said:\n%s", filepath.Base(name), log)
		}
	})
	return c
}

func reachable(address string) bool {
	c, err := net.DialTimeout("tcp", address, time.Second)
	if err == nil {
		_ = c.Close()
	}
	return err == nil
}

// eventually waits for others' processes, which nothing but looking tells of.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for until := time.Now().Add(30 * time.Second); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(until) {
			t.Fatal("in vain: " + what)
		}
	}
}

// machine is a folder with what stands on a machine: both configurations and the script, as they are deployed.
type machine struct {
	t        *testing.T
	folder   string
	settings proxy.Settings
	address  string // for users
}

func newMachine(t *testing.T, s proxy.Settings) *machine {
	t.Helper()
	folder, err := os.MkdirTemp(tools, "machine-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(folder, 0o755); err != nil { //nolint:gosec // nginx's workers run as another user
		t.Fatal(err)
	}
	s.Listen, s.Admin, s.Folder = freePort(t), freePort(t), filepath.Join(folder, "run")
	if s.Shadow == "" {
		s.Shadow = proxy.Later
	}
	for file, render := range map[string]func(proxy.Settings) (string, error){"nginx.conf": proxy.Nginx, "envoy.json": proxy.Envoy, "serin-proxy": proxy.Switch} {
		text, err := render(s)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, file), []byte(text), 0o755); err != nil { //nolint:gosec // nginx's workers read it
			t.Fatal(err)
		}
	}
	m := &machine{t: t, folder: folder, settings: s, address: local(s.Listen)}
	t.Cleanup(m.stop)
	return m
}

// to switches the proxy with the script.
func (m *machine) to(mode ...string) {
	m.t.Helper()
	if err := m.try(mode...); err != nil {
		m.t.Fatal(err)
	}
}

func (m *machine) try(mode ...string) error {
	out, err := exec.Command(filepath.Join(m.folder, "serin-proxy"), mode...).CombinedOutput() //nolint:gosec // the test's own
	if err != nil {
		return fmt.Errorf("serin-proxy %v: %w: %s", mode, err, out)
	}
	return nil
}

// envoy reports whether Envoy runs.
func (m *machine) envoy() bool { return reachable(local(m.settings.Admin)) }

// nginx reports whether nginx runs.
func (m *machine) nginx() bool {
	_, err := os.Stat(m.settings.PID())
	return err == nil
}

// stop ends what still runs, at once.
func (m *machine) stop() {
	if m.envoy() {
		if answer, err := http.Post("http://"+local(m.settings.Admin)+"/quitquitquit", "", nil); err == nil { //nolint:noctx // loopback
			_ = answer.Body.Close()
		}
	}
	if pid, err := os.ReadFile(m.settings.PID()); err == nil {
		_ = exec.Command("kill", "-TERM", strings.TrimSpace(string(pid))).Run() //nolint:gosec // the test's own
	}
	for _, name := range []string{"nginx.log", "envoy.log"} {
		if log, err := os.ReadFile(filepath.Join(m.settings.Folder, name)); err == nil && m.t.Failed() {
			m.t.Logf("%s:\n%.4000s", name, log)
		}
	}
	eventually(m.t, "both proxies have stopped", func() bool { return !m.envoy() && !m.nginx() })
}

// replace spoils a file of the machine.
func (m *machine) replace(file, old, with string) {
	m.t.Helper()
	path := filepath.Join(m.folder, file)
	text, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(text), old) {
		m.t.Fatal(err, "there is no "+old)
	}
	if err := os.WriteFile(path, []byte(strings.ReplaceAll(string(text), old, with)), 0o644); err != nil { //nolint:gosec // nginx's workers read it
		m.t.Fatal(err)
	}
}
