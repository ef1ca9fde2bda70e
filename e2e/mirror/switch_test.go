//go:build mirror

package mirror

import (
	"testing"
	"time"

	"github.com/serin-aws/serin/internal/proxy"
)

// 500 requests a second while nginx gives way to Envoy and comes back: every request is answered, and reaches the
// service exactly once. Some of the users hold a connection and some come with a new one each time; some answers are
// slow enough to be under way while the proxies change.
func TestSwitchUnderLoad(t *testing.T) {
	live, shadow := startBackend(t), startBackend(t)
	m := newMachine(t, proxy.Settings{Service: live.address, KeepAlive: keepAlive, Timeout: 10 * time.Second})
	m.to("nginx")
	traffic := &load{address: m.address, rate: 500, oneShot: 30, path: func(n int) (string, string) {
		switch n % 20 {
		case 0:
			return "GET", "/work?ms=800"
		case 1:
			return "POST", "/work?ms=20"
		}
		return "GET", "/work?ms=2"
	}}
	done, ended := make(chan struct{}), make(chan struct{})
	go func() { traffic.run(done); close(ended) }()
	for round := range 2 {
		time.Sleep(time.Second)
		m.to("envoy", shadow.address, "50")
		if !m.envoy() || m.nginx() {
			t.Errorf("round %d: Envoy runs %v, nginx runs %v", round, m.envoy(), m.nginx())
		}
		time.Sleep(time.Second)
		m.to("nginx")
		if m.envoy() || !m.nginx() {
			t.Errorf("round %d: Envoy runs %v, nginx runs %v", round, m.envoy(), m.nginx())
		}
	}
	close(done)
	<-ended
	traffic.fine(t)
	seen := live.seen()
	if seen.Requests != traffic.sent {
		t.Errorf("%d requests were sent and %d reached the service", traffic.sent, seen.Requests)
	}
	for id, times := range seen.IDs {
		if times != 1 {
			t.Errorf("request %s reached the service %d times", id, times)
		}
	}
	copies := shadow.seen()
	t.Logf("%d requests, %d failed, %d copies", traffic.sent, len(traffic.wrong), copies.Requests)
	if copies.Requests == 0 || copies.Methods["POST"] > 0 {
		t.Errorf("copies: %v", copies.Methods)
	}
}
