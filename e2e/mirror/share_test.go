//go:build mirror

package mirror

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/serin-aws/serin/internal/proxy"
)

// at returns a machine whose Envoy mirrors a share to the shadow.
func at(t *testing.T, live, shadow string, share int) *machine {
	t.Helper()
	m := newMachine(t, proxy.Settings{
		Service: live, KeepAlive: keepAlive, Timeout: 2 * time.Second,
		Routes: []proxy.Route{{Prefix: "/search", Mirror: []string{"GET", "POST"}}, {Prefix: "/basket", Mirror: []string{}}},
	})
	m.to("envoy", shadow, strconv.Itoa(share))
	return m
}

// all sends n requests as fast as they are answered.
func (m *machine) all(n int, method, path string) {
	m.t.Helper()
	const users = 20
	var sent sync.WaitGroup
	for u := range users {
		sent.Go(func() {
			user := &user{address: m.address}
			defer user.leave()
			for i := range n / users {
				if status, _, err := user.ask(method, path, fmt.Sprint(u, "-", i)); err != nil || status != 200 {
					m.t.Errorf("%s %s: %d %v", method, path, status, err)
					return
				}
			}
		})
	}
	sent.Wait()
}

// settled returns what reached the shadow, once nothing more does: copies are sent after the answer.
func settled(b *backend) Seen {
	total := Seen{Methods: map[string]int{}, Paths: map[string]int{}}
	for quiet := 0; quiet < 5; time.Sleep(50 * time.Millisecond) {
		more := b.seen()
		quiet++
		if more.Requests > 0 {
			quiet = 0
		}
		total.Requests += more.Requests
		for method, n := range more.Methods {
			total.Methods[method] += n
		}
		for path, n := range more.Paths {
			total.Paths[path] += n
		}
	}
	return total
}

// uptime is how many seconds Envoy has run.
func (m *machine) uptime() int {
	u := &user{address: local(m.settings.Admin)}
	defer u.leave()
	_, body, err := u.ask("GET", "/stats?filter=^server.uptime$", "")
	seconds, err2 := strconv.Atoi(strings.TrimSpace(strings.TrimPrefix(body, "server.uptime:")))
	if err != nil || err2 != nil {
		m.t.Fatal(err, err2, body)
	}
	return seconds
}

func TestShare(t *testing.T) {
	live, shadow := startBackend(t), startBackend(t)
	m := at(t, live.address, shadow.address, 10)
	const n = 6000 // the share of so many has a standard deviation of 0.65 points at 50 %
	before := 0
	for _, share := range []int{10, 50, 0} {
		m.to("envoy", shadow.address, strconv.Itoa(share))
		if share == 10 {
			time.Sleep(1100 * time.Millisecond) // so that a restart would show as a smaller uptime
		} else {
			time.Sleep(500 * time.Millisecond) // Envoy looks for a new share when the link changes, which takes it a moment
		}
		if now := m.uptime(); now < before {
			t.Errorf("Envoy was started again for a share of %d %%", share)
		} else {
			before = now
		}
		m.all(n, "GET", "/work")
		got := 100 * float64(settled(shadow).Requests) / n
		t.Logf("%d %% wanted, %.2f %% mirrored", share, got)
		if math.Abs(got-float64(share)) > 2 || share == 0 && got > 0 {
			t.Errorf("%d %% wanted, %.2f %% mirrored", share, got)
		}
	}
	if got := live.seen().Requests; got != 3*n {
		t.Errorf("%d requests reached the live service, of %d", got, 3*n)
	}
}

// Only what the settings name is mirrored: no method that changes anything, no health check, no path that says so.
func TestWhatIsMirrored(t *testing.T) {
	live, shadow := startBackend(t), startBackend(t)
	m := at(t, live.address, shadow.address, 100)
	const n = 100
	for _, c := range []struct {
		method, path string
		want         int
	}{
		{"GET", "/work", n},
		{"HEAD", "/work", n},
		{"POST", "/work", 0},
		{"PUT", "/work", 0},
		{"DELETE", "/work", 0},
		{"PATCH", "/work", 0},
		{"OPTIONS", "/work", 0},
		{"GET", "/health", 0},
		{"GET", "/basket/1", 0},
		{"POST", "/search", n},
		{"GET", "/search", n},
		{"HEAD", "/search", 0},
		{"PUT", "/search", 0},
	} {
		m.all(n, c.method, c.path)
		if got := settled(shadow); got.Requests != c.want {
			t.Errorf("%s %s: %d of %d mirrored, not %d", c.method, c.path, got.Requests, n, c.want)
		}
	}
	if got := live.seen().Requests; got != 13*n {
		t.Errorf("%d requests reached the live service, of %d", got, 13*n)
	}
}

// Calls that cannot be done leave what is there.
func TestSwitchThatFails(t *testing.T) {
	live := startBackend(t)
	m := newMachine(t, proxy.Settings{Service: live.address, KeepAlive: keepAlive, Timeout: 2 * time.Second})
	m.to("nginx")
	for _, wrong := range [][]string{nil, {"haproxy"}, {"envoy"}, {"envoy", "shadow", "10"}, {"envoy", "shadow:80", "101"}, {"envoy", "shadow:80;id", "10"}, {"envoy", "shadow:80", "-1"}} {
		if err := m.try(wrong...); err == nil || !strings.Contains(err.Error(), "exit status 2") || !strings.Contains(err.Error(), "serin-proxy envoy HOST:PORT PERCENT") {
			t.Errorf("%v: %v", wrong, err)
		}
	}
	m.replace("envoy.json", `"@type"`, `"@tipe"`)
	if err := m.try("envoy", "127.0.0.1:1", "10"); err == nil || !strings.Contains(err.Error(), "Envoy refuses") {
		t.Error(err)
	}
	if m.envoy() || !m.nginx() {
		t.Error("nginx does not serve any more")
	}
	m.all(20, "GET", "/work")
}
