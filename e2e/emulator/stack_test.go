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
	"strings"
	"syscall"
	"testing"
	"time"
)

// Where things are, seen from this folder. make e2e builds the programs and synthesizes the template.
const (
	tools     = "../../.tools/emulator/bin"
	folder    = "../../build/e2e/run" // everything that is logged
	synthetic = "../../build/e2e/cdk.out"
)

var (
	awsProgram    = absolute(tools + "/aws")
	serinProgram  = absolute("../../build/e2e/serin")
	workerProgram = absolute("../../build/e2e/worker")
)

const (
	account = "123456789012"
	region  = "eu-west-1"
	// waitScale shortens the state machine's waits, not the minutes of CloudWatch.
	waitScale = "0.05"
)

func absolute(path string) string {
	path, err := filepath.Abs(path)
	if err != nil {
		panic(err)
	}
	return path
}

// world is the emulator with the core stack deployed.
type world struct {
	cli
	engine   *engine
	endpoint string
	machine  string // ARN
}

// start runs everything. It is stopped when the test ends.
func start(t *testing.T) *world {
	t.Helper()
	for _, program := range []string{awsProgram, absolute(tools + "/python"), serinProgram, workerProgram, synthetic + "/Serin.template.json"} {
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

	w := &world{endpoint: "http://" + front.Addr().String()}
	w.env = []string{
		"AWS_ENDPOINT_URL=" + w.endpoint, "AWS_ACCESS_KEY_ID=" + account, "AWS_SECRET_ACCESS_KEY=x",
		"AWS_REGION=" + region, "AWS_DEFAULT_REGION=" + region, "AWS_PAGER=", "AWS_EC2_METADATA_DISABLED=true",
		"AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null",
	}
	w.engine = &engine{worker: workerProgram, env: w.env, logs: folder}
	w.emulator(t, port, w.engine.serve(t))
	w.deploy(t)
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

// until asks again and again, and fails the test when the time is over.
func until(t *testing.T, patience time.Duration, otherwise string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !done(); {
		if time.Now().After(deadline) {
			t.Fatalf("after %v: %s", patience, otherwise)
		}
		time.Sleep(500 * time.Millisecond)
	}
}

// deploy uploads what the synthesized stack refers to, and creates it.
func (w *world) deploy(t *testing.T) {
	t.Helper()
	type file struct {
		Source       struct{ Path string }
		Destinations map[string]struct{ BucketName, ObjectKey string }
	}
	text, err := os.ReadFile(synthetic + "/Serin.assets.json")
	if err != nil {
		t.Fatal(err)
	}
	named := strings.NewReplacer("${AWS::AccountId}", account, "${AWS::Region}", region)
	bucket, template := "", ""
	for _, asset := range decode[struct{ Files map[string]file }](t, text).Files {
		for _, to := range asset.Destinations {
			if bucket == "" {
				bucket = named.Replace(to.BucketName)
				w.aws(t, "s3api", "create-bucket", "--bucket", bucket, "--create-bucket-configuration", "LocationConstraint="+region)
			}
			w.aws(t, "s3api", "put-object", "--bucket", bucket, "--key", to.ObjectKey, "--body", filepath.Join(synthetic, asset.Source.Path))
			if strings.HasSuffix(asset.Source.Path, ".template.json") {
				template = to.ObjectKey
			}
		}
	}
	w.aws(t, "ssm", "put-parameter", "--name", "/cdk-bootstrap/hnb659fds/version", "--type", "String", "--value", "30")
	w.stack(t, "Serin", "--template-url", w.endpoint+"/"+bucket+"/"+template)
	parameter := read[struct{ Parameter struct{ Value string } }](t, w.cli, "ssm", "get-parameter", "--name", "/serin/core")
	w.machine = decode[struct{ StateMachine string }](t, []byte(parameter.Parameter.Value)).StateMachine
}

// stack creates a stack and waits for it.
func (w *world) stack(t *testing.T, name string, template ...string) {
	t.Helper()
	w.aws(t, append([]string{"cloudformation", "create-stack", "--stack-name", name, "--capabilities", "CAPABILITY_NAMED_IAM"}, template...)...)
	until(t, 2*time.Minute, "stack "+name+" is not there", func() bool {
		found := read[struct {
			Stacks []struct{ StackStatus, StackStatusReason string }
		}](t, w.cli, "cloudformation", "describe-stacks", "--stack-name", name).Stacks[0]
		if strings.Contains(found.StackStatus, "ROLLBACK") || strings.Contains(found.StackStatus, "FAILED") {
			t.Fatalf("stack %s: %s %s\n%s", name, found.StackStatus, found.StackStatusReason,
				w.aws(t, "cloudformation", "describe-stack-events", "--stack-name", name))
		}
		return found.StackStatus == "CREATE_COMPLETE"
	})
}
