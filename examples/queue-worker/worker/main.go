// Command worker is the queue worker of the example: what a worker has to do so that a canary of it can be judged, and
// rolled back without losing a message.
//
//	main.go     settings, signals
//	worker.go   receive, work, give back
//	metrics.go  outcomes by version, in CloudWatch's embedded metric format
//	service.go  which of the two services this task belongs to
//
// Settings: QUEUE_URL, and FAIL (a share from 0 to 1 of messages that fail, to see a rollback).
package main

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	if err := run(ctx, os.Getenv, log); err != nil {
		log.Error("the worker ends", "error", err.Error())
		os.Exit(1)
	}
}

func run(ctx context.Context, getenv func(string) string, log *slog.Logger) error {
	queue := getenv("QUEUE_URL")
	if queue == "" {
		return fmt.Errorf("QUEUE_URL is not set: it is the URL of the queue to read")
	}
	fail, err := share(getenv("FAIL"))
	if err != nil {
		return err
	}
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return err
	}
	w := &Worker{
		Queue: sqs.NewFromConfig(cfg), URL: queue, Log: log, Now: time.Now, Sleep: sleep, Done: newRecent(10000),
		Metrics: Metrics{Out: os.Stdout, Service: service(ctx, getenv)},
		Work: func(ctx context.Context, _ string) error { // the example's work: wait a little, fail as often as it is told to
			sleep(ctx, 50*time.Millisecond)
			if rand.Float64() < fail {
				return fmt.Errorf("told to fail %g of all messages", fail)
			}
			return nil
		},
	}
	return w.Run(ctx)
}

func share(text string) (float64, error) {
	if text == "" {
		return 0, nil
	}
	fail, err := strconv.ParseFloat(text, 64)
	if err != nil || fail < 0 || fail > 1 {
		return 0, fmt.Errorf("FAIL is %q but must be a share from 0 to 1", text)
	}
	return fail, nil
}

// sleep waits, or returns early when the context ends.
func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
