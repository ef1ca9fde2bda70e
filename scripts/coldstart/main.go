// Command coldstart measures how long a function's program takes from process start to its first answer. It plays the
// Lambda Runtime API on loopback: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

const (
	runs  = 11
	event = `{"trigger":{},"execution":"arn:aws:states:eu-central-1:123456789012:execution:serin:bench","state":"Bench","data":{}}`
)

func main() {
	for _, program := range os.Args[1:] {
		var times []time.Duration
		for range runs {
			took, err := firstAnswer(program)
			if err != nil {
				fmt.Fprintln(os.Stderr, program+":", err)
				os.Exit(1)
			}
			times = append(times, took)
		}
		slices.Sort(times)
		fmt.Printf("%-20s first answer after %v (median of %d; %v to %v)\n", filepath.Base(program),
			times[runs/2].Round(100*time.Microsecond), runs, times[0].Round(100*time.Microsecond), times[runs-1].Round(100*time.Microsecond))
	}
}

// firstAnswer starts the program, hands it one event that it can answer without AWS, and waits for the answer.
func firstAnswer(program string) (time.Duration, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	answered, over := make(chan time.Time, 1), make(chan struct{})
	api := &http.Server{Handler: runtimeAPI(answered, over), ReadHeaderTimeout: time.Second}
	go api.Serve(listener) //nolint:errcheck // it ends when it is closed
	defer api.Close()      //nolint:errcheck // a benchmark's server
	defer close(over)

	command := exec.Command(program)
	command.Env = append(os.Environ(), "AWS_LAMBDA_RUNTIME_API="+listener.Addr().String(), "AWS_REGION=eu-central-1",
		"AWS_ACCESS_KEY_ID=none", "AWS_SECRET_ACCESS_KEY=none", "AWS_EC2_METADATA_DISABLED=true",
		"SERIN_TABLE=ledger", "SERIN_TOPIC=arn:aws:sns:eu-central-1:123456789012:serin")
	command.Stdout, command.Stderr = io.Discard, io.Discard
	began := time.Now()
	if err := command.Start(); err != nil {
		return 0, err
	}
	defer func() {
		command.Process.Kill() //nolint:errcheck // it has answered, or it is dead already
		command.Wait()         //nolint:errcheck // it was killed
	}()
	select {
	case at := <-answered:
		return at.Sub(began), nil
	case <-time.After(30 * time.Second): //nolint:forbidigo // a real process is waited for
		return 0, fmt.Errorf("no answer within 30 s")
	}
}

func runtimeAPI(answered chan<- time.Time, over <-chan struct{}) http.Handler {
	handed := false
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasSuffix(r.URL.Path, "/next") && !handed:
			handed = true
			w.Header().Set("Lambda-Runtime-Aws-Request-Id", "1")
			w.Header().Set("Lambda-Runtime-Deadline-Ms", fmt.Sprint(time.Now().Add(time.Minute).UnixMilli()))
			w.Header().Set("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:eu-central-1:123456789012:function:bench")
			io.WriteString(w, event) //nolint:errcheck // the program would not answer, and that is seen
		case strings.HasSuffix(r.URL.Path, "/next"):
			<-over
		case strings.HasSuffix(r.URL.Path, "/response"), strings.HasSuffix(r.URL.Path, "/error"):
			select {
			case answered <- time.Now():
			default:
			}
			w.WriteHeader(http.StatusAccepted)
		}
	})
}
