package door_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/smithy-go"

	"github.com/serin-aws/serin/internal/rehearsal/door"
	"github.com/serin-aws/serin/internal/rehearsal/loop"
)

var start = time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)

// counter is the smallest simulated service.
type counter struct{ n int }

func (c *counter) add(ctx context.Context) (int, error) {
	return door.Call(ctx, "test:Add", nil, func() (int, error) { c.n++; return c.n, nil })
}

func run(l *loop.Loop) {
	for l.Step() {
	}
}

func server(code string) error {
	return &smithy.GenericAPIError{Code: code, Fault: smithy.FaultServer}
}

func TestCallOutsideAnInvocationPanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a call past the door went through")
		}
	}()
	(&counter{}).add(context.Background()) //nolint:errcheck // it panics
}

func TestInvocationsInterleaveAtCallsAndAlwaysInTheSameWay(t *testing.T) {
	story := func(seed uint64) string {
		var told []string
		l := loop.New(start, seed)
		d := door.New(l, nil, nil)
		c := &counter{}
		for _, name := range []string{"a", "b"} {
			d.Invoke(name, name, time.Minute, func(ctx context.Context) {
				for range 4 {
					n, err := c.add(ctx)
					told = append(told, fmt.Sprintf("%s%d%v", name, n, err == nil))
				}
			}, func(bool) {})
		}
		run(l)
		return strings.Join(told, " ")
	}
	first := story(7)
	if first != story(7) {
		t.Error("one seed gave two stories")
	}
	different := false
	for seed := range uint64(20) {
		different = different || story(seed) != first
	}
	if !different {
		t.Error("twenty seeds gave one interleaving: nothing interleaves")
	}
}

// A stale answer is that of the same question a moment ago, only where the service is eventually consistent, and only
// while it is not too old.
func TestStaleAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		action string
		asked  [2]string
		pause  time.Duration
		want   int
	}{
		"at once":                  {"ecs:DescribeServices", [2]string{"a", "a"}, 0, 1},
		"another question":         {"ecs:DescribeServices", [2]string{"a", "b"}, 0, 2},
		"too long ago":             {"ecs:DescribeServices", [2]string{"a", "a"}, 10 * time.Second, 2},
		"a change":                 {"ecs:UpdateService", [2]string{"a", "a"}, 0, 2},
		"the ledger is consistent": {"dynamodb:GetItem", [2]string{"a", "a"}, 0, 2},
	} {
		l := loop.New(start, 1)
		calls, got := 0, 0
		d := door.New(l, func(string) door.Disturbance {
			calls++
			return door.Disturbance{Stale: 9 * time.Second, Pause: time.Duration(calls-1) * c.pause}
		}, nil)
		d.Remember()
		n := 0
		d.Invoke("f", "r", time.Minute, func(ctx context.Context) {
			for _, question := range c.asked {
				got, _ = door.Call(ctx, c.action, &question, func() (int, error) { n++; return n, nil })
			}
		}, func(bool) {})
		run(l)
		if got != c.want {
			t.Errorf("%s: the second answer is %d, want %d", name, got, c.want)
		}
	}
}

func TestDisturbances(t *testing.T) {
	for name, c := range map[string]struct {
		bad     door.Disturbance
		effects int
		code    string
		gone    bool
	}{
		"nothing":                    {door.Disturbance{}, 1, "", false},
		"an error before the effect": {door.Disturbance{Before: server("InternalError")}, 1, "", false}, // the retry succeeds
		"an error after the effect":  {door.Disturbance{After: server("InternalError")}, 2, "", false},  // and so the retry is a second effect
		"a client's error":           {door.Disturbance{Before: &smithy.GenericAPIError{Code: "AccessDenied", Fault: smithy.FaultClient}}, 0, "AccessDenied", false},
		"a late effect":              {door.Disturbance{After: server("RequestTimeout"), Late: 20 * time.Second}, 2, "", false},
		"a crash before the effect":  {door.Disturbance{Crash: door.CrashBefore}, 0, "", true},
		"a crash after the effect":   {door.Disturbance{Crash: door.CrashAfter}, 1, "", true},
	} {
		t.Run(name, func(t *testing.T) {
			l := loop.New(start, 1)
			calls := 0
			d := door.New(l, func(string) door.Disturbance {
				if calls++; calls == 1 {
					return c.bad
				}
				return door.Disturbance{}
			}, nil)
			n, gone := &counter{}, false
			var err, later error
			d.Invoke("f", "r", time.Minute, func(ctx context.Context) {
				_, err = n.add(ctx)
				if c.bad.Crash != door.NoCrash {
					_, later = n.add(ctx)
				}
			}, func(g bool) { gone = g })
			run(l)
			if n.n != c.effects || gone != c.gone {
				t.Errorf("%d effects, gone %t; want %d, %t", n.n, gone, c.effects, c.gone)
			}
			api, _ := errors.AsType[smithy.APIError](err)
			if c.code != "" && (api == nil || api.ErrorCode() != c.code) {
				t.Errorf("answered %v, want %s", err, c.code)
			}
			if c.gone && (!errors.Is(err, door.ErrGone) || !errors.Is(later, door.ErrGone)) {
				t.Errorf("after the crash: %v, %v; want gone both times", err, later)
			}
		})
	}
}

func TestStopEndsAnInvocationWhereItIsParked(t *testing.T) {
	l := loop.New(start, 1)
	d := door.New(l, nil, nil)
	c, ends := &counter{}, []bool{}
	inv := d.Invoke("f", "r", time.Minute, func(ctx context.Context) {
		for {
			if _, err := c.add(ctx); err != nil {
				return
			}
		}
	}, func(gone bool) { ends = append(ends, gone) })
	l.AdvanceTo(start.Add(100 * time.Millisecond))
	before := c.n
	inv.Stop(func(gone bool) { ends = append(ends, gone) })
	run(l)
	if before == 0 || c.n != before || !slices.Equal(ends, []bool{true}) {
		t.Errorf("%d effects before and %d after the stop, ends %v", before, c.n-before, ends)
	}
}

func TestQuotaThrottlesAndRefills(t *testing.T) {
	l := loop.New(start, 1)
	throttled := 0
	d := door.New(l, nil, func(v door.Visit) {
		if v.Err != nil {
			throttled++
		}
	})
	done := 0
	for i := range 40 { // RegisterTaskDefinition: 20 at once, then one a second
		d.Invoke("f", fmt.Sprint(i), time.Minute, func(ctx context.Context) {
			_, err := door.Call(ctx, "ecs:RegisterTaskDefinition", nil, func() (struct{}, error) { return struct{}{}, nil })
			if err == nil {
				done++
			}
		}, func(bool) {})
	}
	run(l)
	if throttled == 0 || done < 20 || done == 40 {
		t.Errorf("%d of 40 went through with %d throttles", done, throttled)
	}
}

func TestDeadlineIsVirtual(t *testing.T) {
	l := loop.New(start, 1)
	d := door.New(l, nil, nil)
	d.Invoke("f", "r-7", time.Minute, func(ctx context.Context) {
		if deadline, ok := ctx.Deadline(); !ok || !deadline.Equal(start.Add(time.Minute)) {
			t.Errorf("deadline %v", deadline)
		}
		if door.RequestID(ctx) != "r-7" {
			t.Errorf("request %q", door.RequestID(ctx))
		}
	}, func(bool) {})
	run(l)
}

func BenchmarkCall(b *testing.B) {
	l := loop.New(start, 1)
	d := door.New(l, nil, nil)
	c := &counter{}
	d.Invoke("f", "r", time.Hour, func(ctx context.Context) {
		for b.Loop() {
			c.add(ctx) //nolint:errcheck // nothing disturbs it
		}
	}, func(bool) {})
	run(l)
}
