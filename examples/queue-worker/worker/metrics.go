package main

import (
	"encoding/json"
	"io"
	"sync"
	"time"
)

// Metrics writes outcomes as lines that CloudWatch Logs turns into metrics: Orders/Processed, Failed and Latency by
// Service. serin compares the canary's with the primary's.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
type Metrics struct {
	Out     io.Writer
	Service string

	mu sync.Mutex
}

// Outcome tells of one message at its first receive. A message that is received again is not counted again: one that
// fails five times over would else count five times, on whichever version happens to receive it.
func (m *Metrics) Outcome(at time.Time, failed bool, took time.Duration) {
	count := 0
	if failed {
		count = 1
	}
	line, err := json.Marshal(map[string]any{
		"_aws": map[string]any{
			"Timestamp": at.UnixMilli(),
			"CloudWatchMetrics": []any{map[string]any{
				"Namespace": "Orders", "Dimensions": [][]string{{"Service"}},
				"Metrics": []any{
					map[string]string{"Name": "Processed", "Unit": "Count"},
					map[string]string{"Name": "Failed", "Unit": "Count"},
					map[string]string{"Name": "Latency", "Unit": "Milliseconds"},
				},
			}},
		},
		"Service": m.Service, "Processed": 1, "Failed": count, "Latency": took.Milliseconds(),
	})
	if err != nil {
		return // numbers and texts always marshal
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	_, _ = m.Out.Write(append(line, '\n'))
}
