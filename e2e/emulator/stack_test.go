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

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
)

const (
	tools   = "../../.tools/emulator/bin"
	account = "123456789012"
	core    = "Serin" // the core stack
	bucket  = "serin-assets"
	region  = "eu-west-1"
	pause   = 500 * time.Millisecond // until it is looked again
	// waitScale shortens the state machine's waits, not the minutes of CloudWatch.
	waitScale = "0.1"
)

var functionProgram = absolute("../../build/e2e/function") // of the targets behind an alias

// start runs everything. It is stopped when the test ends.
func start(t *testing.T) (*world, *jobs) {
	t.Helper()
	for _, program := range []string{absolute(tools + "/aws"), absolute(tools + "/python"), serinProgram, workerProgram, exampleProgram, functionProgram, synthetic + "/Serin.template.json"} {
		if _, err := os.Stat(program); err != nil {
			t.Fatalf("%v; use: make e2e", err)
		}
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	back, front := listen(t), listen(t)
	behind := &world{account: account, region: region, endpoint: "http://" + back.Addr().String()}
	metrics := &metrics{client: cloudwatch.NewFromConfig(behind.config(t))}
	jobs, routes := &jobs{}, &routes{functions: lambda.NewFromConfig(behind.config(t)), metrics: metrics}
	server := &http.Server{Handler: newShim(t, back.Addr().String(), jobs, routes), ReadHeaderTimeout: time.Minute, ErrorLog: log.New(io.Discard, "", 0)}
	go func() { _ = server.Serve(front) }()
	t.Cleanup(func() { _ = server.Close() })

	w := &world{
		account: account, region: region, endpoint: "http://" + front.Addr().String(), subnets: []string{"subnet-1"}, puts: true,
		unknown: []string{
			"AWS::ApplicationAutoScaling::ScalableTarget", "AWS::ApplicationAutoScaling::ScalingPolicy",
			"AWS::CodePipeline::Pipeline", "AWS::EC2::EIP", "AWS::EC2::FlowLog", "AWS::EC2::NatGateway",
		},
	}
	w.env = []string{
		"AWS_ENDPOINT_URL=" + w.endpoint, "AWS_ACCESS_KEY_ID=" + account, "AWS_SECRET_ACCESS_KEY=x",
		"AWS_REGION=" + region, "AWS_DEFAULT_REGION=" + region, "AWS_PAGER=", "AWS_EC2_METADATA_DISABLED=true",
		"AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null",
		// Python reads the AWS CLI's source anew each time, for seconds, unless it may keep what it compiled.
		"PYTHONDONTWRITEBYTECODE=", "PYTHONPYCACHEPREFIX=" + absolute("../../build/e2e/pycache"),
	}
	w.awsProgram = absolute(tools + "/aws")
	e := &engine{env: w.env, logs: folder, metrics: metrics}
	w.containers = e
	w.emulator(t, back, e.serve(t))
	e.group = w.group
	metrics.publishing(t)
	w.deploy(t, core, bucket)
	return w, jobs
}

// listen takes a free port.
func listen(t *testing.T) *net.TCPListener {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	return listener.(*net.TCPListener)
}

// emulator starts MiniStack behind a listener and waits until it answers. Everything that the test starts joins its
// process group, which is killed when the test ends; when the test itself is killed, launch.py kills it.
func (w *world) emulator(t *testing.T, at *net.TCPListener, engine string) {
	t.Helper()
	socket, err := at.File()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = socket.Close() }()
	file, err := os.Create(filepath.Join(folder, "emulator.log"))
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(absolute(tools+"/python"), "launch.py")
	command.Env = append(os.Environ(), w.env...)
	command.Env = append(command.Env,
		fmt.Sprint("TEST_PID=", os.Getpid()), "BIND_HOST=127.0.0.1", "AUTH=true", "IOT_MTLS_ENABLED=0", "SFTP_ENABLED=0", "MINISTACK_HOST=127.0.0.1", fmt.Sprint("GATEWAY_PORT=", at.Addr().(*net.TCPAddr).Port),
		"SFN_WAIT_SCALE="+waitScale, "DOCKER_HOST=tcp://"+engine, "LAMBDA_EXECUTOR=local", "STATE_DIR="+t.TempDir(), "TMPDIR="+t.TempDir())
	command.Stdout, command.Stderr = file, file
	command.ExtraFiles = []*os.File{socket}
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	w.group = command.Process.Pid
	ended := make(chan struct{})
	go func() {
		_ = command.Wait()
		close(ended)
	}()
	t.Cleanup(func() {
		_ = syscall.Kill(-w.group, syscall.SIGKILL)
		<-ended
		_ = file.Close()
	})
	until(t, "the emulator does not answer; see emulator.log", func() bool {
		if closed(ended) {
			t.Fatal("the emulator has ended; see emulator.log")
		}
		answer, err := (&http.Client{Timeout: 10 * time.Second}).Get(w.endpoint + "/_ministack/health")
		if err != nil {
			return false
		}
		return answer.Body.Close() == nil && answer.StatusCode == http.StatusOK
	})
}
