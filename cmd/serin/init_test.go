package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/serin-aws/serin/internal/adopt"
	"github.com/serin-aws/serin/internal/golden"
	"github.com/serin-aws/serin/internal/platform/ecsservice"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/remote"
)

// workers is an account with one queue worker, prod/orders-worker.
type workers struct{ asked remote.Where }

func (*workers) Adopt(_ context.Context, place release.ECSQueue) (ecsservice.Adoptable, error) {
	if place.Cluster != "prod" || place.PrimaryService != "orders-worker" {
		return ecsservice.Adoptable{}, release.Errorf(release.NotFound, "adopt "+place.Cluster+"/"+place.PrimaryService, "there is no such service")
	}
	return ecsservice.Adoptable{
		Definition: "orders-worker:41",
		Service: types.Service{
			ServiceArn: aws.String("arn:aws:ecs:eu-west-1:111122223333:service/prod/orders-worker"), ClusterArn: aws.String("arn:aws:ecs:eu-west-1:111122223333:cluster/prod"),
			DesiredCount: 9, LaunchType: types.LaunchTypeFargate,
		},
		Registration: &ecs.RegisterTaskDefinitionInput{
			TaskRoleArn: aws.String("arn:aws:iam::111122223333:role/orders"),
			ContainerDefinitions: []types.ContainerDefinition{{
				Name: aws.String("worker"), Image: aws.String("111122223333.dkr.ecr.eu-west-1.amazonaws.com/orders-worker:release-41"),
				Environment: []types.KeyValuePair{{Name: aws.String("QUEUE_URL"), Value: aws.String("https://sqs.eu-west-1.amazonaws.com/111122223333/orders")}},
			}},
		},
	}, nil
}

func (*workers) Queue(_ context.Context, place release.ECSQueue) (string, map[string]string, error) {
	return place.Queue, map[string]string{"RedrivePolicy": `{"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:111122223333:orders-dlq","maxReceiveCount":5}`}, nil
}

// initIn runs serin init in a folder.
func (w *workers) initIn(folder string, args ...string) (code int, out, errOut string) {
	world := outside{workers: func(_ context.Context, where remote.Where) (adopt.Reader, error) {
		w.asked = where
		return w, nil
	}}
	var o, e bytes.Buffer
	code = execute(root(world), append([]string{"init", "--dir", folder}, args...), nil, &o, &e)
	return code, strings.ReplaceAll(o.String(), folder, "DIR"), strings.ReplaceAll(e.String(), folder, "DIR")
}

// Three files are written, the target is valid, and a second run overwrites none of them.
func TestInit(t *testing.T) {
	folder, w := t.TempDir(), &workers{}
	var told strings.Builder
	code, out, errOut := w.initIn(folder, "--service", "prod/orders-worker", "--profile", "prod")
	fmt.Fprintf(&told, "== a worker\n%s%s", out, errOut)
	if code != exitOK || w.asked.Profile != "prod" {
		t.Fatalf("exit %d, %s", code, errOut)
	}
	file := filepath.Join(folder, "orders-worker.target.yaml")
	if code, _, errOut := call("", "validate", file); code != exitOK {
		t.Errorf("exit %d, %s", code, errOut)
	}
	if err := os.WriteFile(file, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, errOut = w.initIn(folder, "--service", "prod/orders-worker")
	fmt.Fprintf(&told, "== again\n%s%s", out, errOut)
	if text, err := os.ReadFile(file); code != exitBadInput || err != nil || string(text) != "mine" {
		t.Errorf("exit %d, the file holds %s, %v", code, text, err)
	}
	code, out, _ = w.initIn(t.TempDir(), "--service", "prod/orders-worker", "--name", "orders", "-o", "json")
	fmt.Fprintf(&told, "== as JSON\n%s", out)
	if code != exitOK {
		t.Errorf("exit %d", code)
	}
	golden.Text(t, "init", told.String())
}

// One of the files being there is enough for none to be written.
func TestInitWritesAllOrNothing(t *testing.T) {
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "orders-worker.canary.yaml"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, errOut := (&workers{}).initIn(folder, "--service", "prod/orders-worker"); code != exitBadInput || !strings.Contains(errOut, "no file was written") {
		t.Errorf("exit %d, %s", code, errOut)
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) != 1 {
		t.Errorf("%v, %v", left, err)
	}
}

func TestInitBadInput(t *testing.T) {
	var told strings.Builder
	for _, args := range [][]string{
		{},
		{"--service", "orders-worker"},
		{"--service", "prod/"},
		{"--service", "arn:aws:ecs:eu-west-1:111122223333:service/prod/orders-worker"},
		{"--service", "prod/order"},
		{"--service", "prod/orders-worker", "--name", "Orders"},
		{"--service", "prod/orders-worker", "--container", "work"},
		{"--service", "prod/orders-worker", "-o", "yaml"},
		{"--service", "prod/orders-worker", "--dir", "nowhere/at/all"},
	} {
		folder := t.TempDir()
		code, out, errOut := (&workers{}).initIn(folder, args...)
		fmt.Fprintf(&told, "== serin init %s\n%s%s", strings.Join(args, " "), out, errOut)
		if left, err := os.ReadDir(folder); code != exitBadInput || err != nil || len(left) > 0 {
			t.Errorf("%v: exit %d, %v, %v", args, code, left, err)
		}
	}
	broken := outside{workers: func(context.Context, remote.Where) (adopt.Reader, error) { return nil, errors.New("no way there") }}
	var o, e bytes.Buffer
	if code := execute(root(broken), []string{"init", "--service", "a/b"}, nil, &o, &e); code != exitFailed || !strings.Contains(e.String(), "no way there") {
		t.Errorf("exit %d, %s", code, e.String())
	}
	golden.Text(t, "init-bad-input", told.String())
}
