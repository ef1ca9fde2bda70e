//go:build emulator

package emulator

import (
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

const (
	tools   = "../../.tools/emulator/bin"
	account = "123456789012"
	region  = "eu-west-1"
	// waitScale shortens the state machine's waits, not the minutes of CloudWatch.
	waitScale = "0.05"
)

// start runs everything. It is stopped when the test ends.
func start(t *testing.T) *world {
	t.Helper()
	for _, program := range []string{absolute(tools + "/aws"), absolute(tools + "/python"), serinProgram, workerProgram, synthetic + "/Serin.template.json"} {
		if _, err := os.Stat(program); err != nil {
			t.Fatalf("%v; use: make e2e", err)
		}
	}
	if err := os.RemoveAll(folder); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	port := freePort(t)
	front, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: newShim(t, fmt.Sprint("127.0.0.1:", port)), ReadHeaderTimeout: time.Minute, ErrorLog: log.New(io.Discard, "", 0)}
	go func() { _ = server.Serve(front) }()
	t.Cleanup(func() { _ = server.Close() })

	w := &world{
		account: account, region: region, endpoint: "http://" + front.Addr().String(), subnets: []string{"subnet-1"},
		unknown: []string{"AWS::SSM::Document"}, // people's runbooks; the function they call is there
	}
	w.env = []string{
		"AWS_ENDPOINT_URL=" + w.endpoint, "AWS_ACCESS_KEY_ID=" + account, "AWS_SECRET_ACCESS_KEY=x",
		"AWS_REGION=" + region, "AWS_DEFAULT_REGION=" + region, "AWS_PAGER=", "AWS_EC2_METADATA_DISABLED=true",
		"AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null",
	}
	w.awsProgram = absolute(tools + "/aws")
	e := &engine{worker: workerProgram, env: w.env, logs: folder}
	w.containers = e
	w.emulator(t, port, e.serve(t))
	w.deploy(t, "Serin", "serin-assets")
	return w
}

func freePort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().(*net.TCPAddr).Port
}

// emulator starts MiniStack on a port and waits until it answers.
func (w *world) emulator(t *testing.T, port int, engine string) {
	t.Helper()
	file, err := os.Create(filepath.Join(folder, "emulator.log"))
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(absolute(tools+"/python"), "launch.py")
	command.Env = append(os.Environ(), w.env...)
	command.Env = append(command.Env,
		"BIND_HOST=127.0.0.1", "IOT_MTLS_ENABLED=0", "SFTP_ENABLED=0", "MINISTACK_HOST=127.0.0.1", fmt.Sprint("GATEWAY_PORT=", port),
		"SFN_WAIT_SCALE="+waitScale, "DOCKER_HOST=tcp://"+engine, "LAMBDA_EXECUTOR=local", "PYTHONDONTWRITEBYTECODE=1", "STATE_DIR="+t.TempDir(), "TMPDIR="+t.TempDir())
	command.Stdout, command.Stderr = file, file
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = syscall.Kill(-command.Process.Pid, syscall.SIGKILL) // the functions' processes too
		_ = command.Wait()
		_ = file.Close()
	})
	until(t, time.Minute, "the emulator does not answer; see emulator.log", func() bool {
		connection, err := net.Dial("tcp", fmt.Sprint("127.0.0.1:", port))
		if err != nil {
			return false
		}
		return connection.Close() == nil
	})
}
