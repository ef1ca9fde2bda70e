//go:build mirror

package mirror

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"
)

// user is one client that holds one connection for as long as the proxy lets it, as a load balancer does. It sends
// every request once.
type user struct {
	address    string
	connection net.Conn
	since      time.Time // when it was last used
	answers    *bufio.Reader
}

// ask sends a request and returns its status and body.
func (u *user) ask(method, path, id string) (status int, body string, err error) {
	if u.connection == nil {
		if u.connection, err = net.DialTimeout("tcp", u.address, 5*time.Second); err != nil {
			return 0, "", fmt.Errorf("connect: %w", err)
		}
		u.answers = bufio.NewReader(u.connection)
	}
	_ = u.connection.SetDeadline(time.Now().Add(20 * time.Second))
	if _, err := fmt.Fprintf(u.connection, "%s %s HTTP/1.1\r\nHost: shop.example\r\nX-Id: %s\r\nContent-Length: 0\r\n\r\n", method, path, id); err != nil {
		u.leave()
		return 0, "", fmt.Errorf("send: %w", err)
	}
	answer, err := http.ReadResponse(u.answers, &http.Request{Method: method})
	if err != nil {
		u.leave()
		return 0, "", fmt.Errorf("receive: %w", err)
	}
	defer answer.Body.Close() //nolint:errcheck // it is read
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.Close {
		u.leave()
	}
	return answer.StatusCode, string(text), err
}

func (u *user) leave() {
	if u.connection != nil {
		_ = u.connection.Close()
	}
	u.connection = nil
}

// idleMost is how long users hold an idle connection: less than the proxies do, as a load balancer in front of them must.
const (
	idleMost  = 2 * time.Second
	keepAlive = 3 * time.Second
)

// load is traffic at a fixed rate, whatever the answers take.
type load struct {
	address string
	rate    int // requests a second
	path    func(n int) (method, path string)
	oneShot int // of a hundred requests, those that come on a connection of their own

	mu     sync.Mutex
	idle   []*user
	took   []time.Duration
	wrong  []string
	sent   int
	ending sync.WaitGroup
}

func (l *load) take(fresh bool) *user {
	l.mu.Lock()
	defer l.mu.Unlock()
	for n := len(l.idle) - 1; n >= 0 && !fresh; n-- {
		u := l.idle[n]
		l.idle = l.idle[:n]
		if time.Since(u.since) < idleMost {
			return u
		}
		u.leave()
	}
	return &user{address: l.address}
}

// one sends one request and notes what came of it.
func (l *load) one(n int) {
	defer l.ending.Done()
	own := n%100 < l.oneShot
	u := l.take(own)
	method, path := l.path(n)
	began := time.Now()
	status, body, err := u.ask(method, path, fmt.Sprint(n))
	took := time.Since(began)
	if own {
		u.leave()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	u.since = time.Now()
	if !own {
		l.idle = append(l.idle, u)
	}
	l.took = append(l.took, took)
	switch {
	case err != nil:
		l.wrong = append(l.wrong, fmt.Sprintf("request %d after %v: %v", n, took, err))
	case status != http.StatusOK:
		l.wrong = append(l.wrong, fmt.Sprintf("request %d: status %d %s", n, status, body))
	}
}

// run sends requests until done is closed, and waits for the last answer. What a busy machine delays is made up for.
func (l *load) run(done <-chan struct{}) {
	began := time.Now()
	look := time.NewTicker(2 * time.Millisecond)
	defer look.Stop()
	for {
		select {
		case <-done:
			l.ending.Wait()
			return
		case <-look.C:
			for due := int(time.Since(began).Seconds() * float64(l.rate)); l.sent < due; l.sent++ {
				l.ending.Add(1)
				go l.one(l.sent)
			}
		}
	}
}

// leave closes the connections that are held.
func (l *load) leave() {
	for _, u := range l.idle {
		u.leave()
	}
}

// fine fails the test where a user saw an error.
func (l *load) fine(t *testing.T) {
	t.Helper()
	if len(l.wrong) > 0 {
		t.Errorf("%d of %d users' requests failed; the first: %v", len(l.wrong), l.sent, l.wrong[:min(5, len(l.wrong))])
	}
}

// quantile is a quantile of durations, 0 to 1.
func quantile(all []time.Duration, q float64) time.Duration {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[min(len(sorted)-1, int(q*float64(len(sorted))))]
}
