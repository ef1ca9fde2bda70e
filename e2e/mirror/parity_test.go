//go:build mirror

package mirror

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/serin-aws/serin/internal/proxy"
)

// exchange is what a client sends on one connection, in parts: after each part it reads one answer.
type exchange struct {
	name   string
	send   []string
	method string // of the request, where it decides whether the answer has a body; GET
	raw    bool   // what comes is no answer in HTTP: it is read until as many bytes as were sent last have come
}

const maxBody = 1000

// get is a request without a body.
func get(target string, headers ...string) string {
	return "GET " + target + " HTTP/1.1\r\nHost: shop.example\r\n" + lines(headers)
}

func lines(headers []string) string { return strings.Join(append(headers, "", ""), "\r\n") }

func post(body string, headers ...string) string {
	return "POST /echo HTTP/1.1\r\nHost: shop.example\r\n" + lines(append(headers, fmt.Sprintf("Content-Length: %d", len(body)))) + body
}

func one(name, request string) exchange { return exchange{name: name, send: []string{request}} }

var chunked = "POST /echo HTTP/1.1\r\nHost: shop.example\r\nTransfer-Encoding: chunked\r\n\r\n"

// exchanges are the requests that both proxies are held together by.
var exchanges = []exchange{
	one("plain", get("/echo")),
	one("query", get("/echo?a=1&b=%20&c=%2F")),
	one("escaped path", get("/echo/a%2Fb/%41/%e4")),
	one("two slashes", get("/echo//a")),
	one("dots in the path", get("/echo/../echo/./b")),
	one("dots above the root", get("/echo/../../b")),
	one("absolute target", get("http://shop.example/echo")),
	one("fragment", get("/echo#part")),
	{name: "HEAD", send: []string{"HEAD /bytes?n=100 HTTP/1.1\r\nHost: shop.example\r\n\r\n"}, method: "HEAD"},
	one("POST", post("name=value", "Content-Type: application/x-www-form-urlencoded")),
	one("POST of nothing", post("")),
	one("PUT", strings.Replace(post("x"), "POST", "PUT", 1)),
	one("DELETE", strings.Replace(get("/echo"), "GET", "DELETE", 1)),
	one("OPTIONS", strings.Replace(get("/echo"), "GET", "OPTIONS", 1)),
	one("a method of its own", strings.Replace(get("/echo"), "GET", "QUERY", 1)),
	one("TRACE", strings.Replace(get("/echo"), "GET", "TRACE", 1)),
	one("CONNECT", "CONNECT shop.example:443 HTTP/1.1\r\nHost: shop.example:443\r\n\r\n"),
	one("body of a GET", "GET /echo HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 3\r\n\r\nabc"),
	one("chunked", chunked+"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"),
	one("chunked with a trailer", chunked+"3\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n"),
	one("largest body", post(strings.Repeat("x", maxBody))),
	one("body too large", post(strings.Repeat("x", maxBody+1))),
	one("chunked body too large", chunked+"7d0\r\n"+strings.Repeat("x", 2000)+"\r\n0\r\n\r\n"),
	one("100-continue", post("abc", "Expect: 100-continue")),
	one("no X-Forwarded-*", get("/echo")),
	one("X-Forwarded-For", get("/echo", "X-Forwarded-For: 203.0.113.7")),
	one("X-Forwarded-For of two", get("/echo", "X-Forwarded-For: 198.51.100.1, 203.0.113.7")),
	one("X-Forwarded-For twice", get("/echo", "X-Forwarded-For: 198.51.100.1", "X-Forwarded-For: 203.0.113.7")),
	one("X-Forwarded-Proto", get("/echo", "X-Forwarded-For: 203.0.113.7", "X-Forwarded-Proto: https", "X-Forwarded-Port: 443")),
	one("X-Forwarded-Proto alone", get("/echo", "X-Forwarded-Proto: https")),
	one("X-Forwarded-Host", get("/echo", "X-Forwarded-Host: other.example")),
	one("X-Amzn-Trace-Id", get("/echo", "X-Amzn-Trace-Id: Root=1-67891233-abcdef012345678912345678")),
	one("X-Request-Id", get("/echo", "X-Request-Id: 1234")),
	one("X-Real-IP", get("/echo", "X-Real-IP: 203.0.113.7")),
	one("headers of Envoy's own", get("/echo", "X-Envoy-Upstream-Rq-Timeout-Ms: 1", "X-Envoy-Retry-On: 5xx", "X-Envoy-Internal: true")),
	one("underscore header", get("/echo", "session_id: 1", "X-Kept: 1")),
	one("case of headers", get("/echo", "x-LOWER-up: 1")),
	one("header twice", get("/echo", "X-Twice: 1", "X-Twice: 2")),
	one("empty header", get("/echo", "X-Empty:")),
	one("header with bytes above ASCII", get("/echo", "X-Name: gr\xc3\xbcn")),
	one("cookies", get("/echo", "Cookie: a=1; b=2")),
	one("hop-by-hop headers", get("/echo", "TE: trailers", "Proxy-Connection: keep-alive", "Keep-Alive: 5")),
	one("header named by Connection", get("/echo", "Connection: X-Secret", "X-Secret: 1")),
	one("compression", get("/echo", "Accept-Encoding: gzip")),
	one("range", get("/bytes?n=100", "Range: bytes=0-9")),
	one("Authorization", get("/echo", "Authorization: Bearer x")),
	one("Host with a port", "GET /echo HTTP/1.1\r\nHost: shop.example:8443\r\n\r\n"),
	one("Host in capitals", "GET /echo HTTP/1.1\r\nHost: SHOP.example\r\n\r\n"),
	one("no Host", "GET /echo HTTP/1.1\r\nX: 1\r\n\r\n"),
	one("two Hosts", "GET /echo HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"),
	one("HTTP/1.0", "GET /echo HTTP/1.0\r\nHost: shop.example\r\n\r\n"),
	one("HTTP/1.0 without Host", "GET /echo HTTP/1.0\r\n\r\n"),
	one("HTTP/1.0 kept alive", "GET /echo HTTP/1.0\r\nHost: shop.example\r\nConnection: keep-alive\r\n\r\n"),
	one("HTTP/2.0 in words", "GET /echo HTTP/2.0\r\nHost: shop.example\r\n\r\n"),
	one("no HTTP", "hello\r\n\r\n"),
	one("space in the target", "GET /echo a HTTP/1.1\r\nHost: shop.example\r\n\r\n"),
	one("two lengths", "POST /echo HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd"),
	one("length and chunked", "POST /echo HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"),
	one("header of 20 KB", get("/echo", "X-Large: "+strings.Repeat("x", 20_000))),
	one("headers of 48 KB", get("/echo", "X-A: "+strings.Repeat("x", 7000), "X-B: "+strings.Repeat("x", 7000), "X-C: "+strings.Repeat("x", 7000), "X-D: "+strings.Repeat("x", 7000), "X-E: "+strings.Repeat("x", 7000), "X-F: "+strings.Repeat("x", 7000), "X-G: "+strings.Repeat("x", 7000))),
	one("150 headers", get("/echo", numbered(150)...)),
	one("target of 7 KB", get("/echo?"+strings.Repeat("x", 7000))),
	one("target of 20 KB", get("/echo?"+strings.Repeat("x", 20_000))),
	{name: "kept alive", send: []string{get("/echo"), post("abc"), get("/echo")}},
	{name: "kept alive after 404", send: []string{get("/status?code=404"), get("/echo")}},
	{name: "Connection: close", send: []string{get("/echo", "Connection: close")}},
	{name: "two at once", send: []string{get("/echo?1") + get("/echo?2"), ""}},
	one("health", get("/health")),
	one("chunks", get("/chunks")),
	one("2 MB", get("/bytes?n=2000000")),
	one("204", get("/status?code=204")),
	one("304", get("/status?code=304", "If-None-Match: x")),
	one("404", get("/status?code=404")),
	one("500", get("/status?code=500")),
	one("503", get("/status?code=503")),
	one("silence", get("/silence")),
	one("hung up", get("/cut")),
	{name: "websocket", send: []string{get("/upgrade", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Key: x", "Sec-WebSocket-Version: 13"), "frames"}, raw: true},
	one("websocket that the service refuses", get("/upgrade", "Connection: Upgrade", "Upgrade: other")),
	one("websocket where none is let through", get("/echo", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Key: x")),
	one("upgrade to HTTP/2", get("/echo", "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA")),
}

func numbered(n int) []string {
	var headers []string
	for i := range n {
		headers = append(headers, fmt.Sprintf("X-%d: %d", i, i))
	}
	return headers
}

// through sends an exchange and writes down what came back.
func (e exchange) through(address string) string {
	c, err := net.Dial("tcp", address)
	if err != nil {
		return err.Error()
	}
	defer c.Close() //nolint:errcheck // nothing is left to do
	_ = c.SetDeadline(time.Now().Add(10 * time.Second))
	answers := bufio.NewReader(c)
	var told strings.Builder
	for i, part := range e.send {
		if _, err := io.WriteString(c, part); err != nil {
			return told.String() + "cannot send: the connection is closed\n"
		}
		if e.raw && i == len(e.send)-1 {
			back := make([]byte, len(part))
			if _, err := io.ReadFull(answers, back); err != nil {
				return told.String() + "no echo\n"
			}
			told.Write(back)
			break
		}
		if !e.answer(answers, &told) {
			break
		}
	}
	return told.String()
}

// answer writes down one answer; it reports whether another may follow.
func (e exchange) answer(from *bufio.Reader, told *strings.Builder) bool {
	method := e.method
	if method == "" {
		method = "GET"
	}
	answer, err := http.ReadResponse(from, &http.Request{Method: method})
	if err != nil {
		told.WriteString("no answer: the connection is closed\n")
		return false
	}
	defer answer.Body.Close() //nolint:errcheck // it is read
	if answer.StatusCode == http.StatusContinue {
		told.WriteString("100 first\n")
		return e.answer(from, told)
	}
	fmt.Fprintf(told, "%d\n", answer.StatusCode)
	if answer.Header.Get("Server") != "service/1" && answer.StatusCode >= 400 { // its page is the proxy's own
		_, _ = io.Copy(io.Discard, answer.Body)
		return !answer.Close
	}
	for _, name := range slices.Sorted(maps.Keys(answer.Header)) {
		if name != "Date" && name != "Connection" && name != "Content-Length" { // told below
			fmt.Fprintf(told, "%s: %s\n", name, strings.Join(answer.Header[name], " | "))
		}
	}
	if answer.StatusCode == http.StatusSwitchingProtocols {
		return true
	}
	fmt.Fprintf(told, "date %v, closes %v\n", answer.Header.Get("Date") != "", answer.Close)
	text, err := io.ReadAll(answer.Body)
	body := strings.ReplaceAll(string(text), ", ", ",") // lists are the same with spaces and without
	fmt.Fprintf(told, "%.3000s\n%d bytes, broken off %v\n", body, len(body), err != nil)
	return !answer.Close
}

// nginxAndEnvoy returns two machines over one service, one of which runs nginx and one Envoy.
func nginxAndEnvoy(t *testing.T, service string) (nginx, envoy *machine) {
	t.Helper()
	s := proxy.Settings{
		Service: service, Shadow: proxy.Later, KeepAlive: keepAlive, Timeout: time.Second, MaxBody: maxBody,
		Routes: []proxy.Route{{Prefix: "/upgrade", Upgrades: true}},
	}
	nginx, envoy = newMachine(t, s), newMachine(t, s)
	nginx.to("nginx")
	envoy.to("envoy", "127.0.0.1:1", "100") // where nobody is: copies change nothing
	return nginx, envoy
}

// The same requests get the same answers, and the service sees the same requests, but for the differences that stand in
// the table; and each of those is really one.
func TestParity(t *testing.T) {
	live := startBackend(t)
	nginx, envoy := nginxAndEnvoy(t, live.address)
	known := map[string]bool{}
	for _, d := range proxy.Differences() {
		known[d.Case] = true
	}
	for _, e := range exchanges {
		compare(t, e, nginx, envoy, known)
	}
	live.stop()
	compare(t, one("service down", get("/echo")), nginx, envoy, known)
	compare(t, one("service down, POST", post("abc")), nginx, envoy, known)
	for name := range known {
		t.Errorf("the table names %q, which is no request of this test", name)
	}
}

// outward is where users reach a machine from elsewhere: Envoy takes a client on the loopback address for itself, and
// forwards another address for it.
func outward(t *testing.T, m *machine) string {
	t.Helper()
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range addresses {
		if ip, ok := a.(*net.IPNet); ok && ip.IP.To4() != nil && !ip.IP.IsLoopback() {
			return net.JoinHostPort(ip.IP.String(), strconv.Itoa(m.settings.Listen))
		}
	}
	t.Skip("this machine has no address but the loopback's")
	return ""
}

func compare(t *testing.T, e exchange, nginx, envoy *machine, known map[string]bool) {
	t.Helper()
	a, b := e.through(outward(t, nginx)), e.through(outward(t, envoy))
	differs := known[e.name]
	delete(known, e.name)
	switch {
	case a != b && !differs:
		t.Errorf("%s:%s", e.name, apart(a, b))
	case a == b && differs:
		t.Errorf("%s stands in the table of differences, but both answer\n%.500s", e.name, a)
	case differs:
		t.Logf("%s, as the table says:%s", e.name, apart(a, b))
	}
}

// apart returns the lines that only one side has.
func apart(a, b string) string {
	only := func(these, those string) string {
		have, text := strings.Split(those, "\n"), ""
		for line := range strings.SplitSeq(these, "\n") {
			if !slices.Contains(have, line) {
				text += fmt.Sprintf("\n    %.200s", line)
			}
		}
		return text
	}
	return "\n  through nginx" + only(a, b) + "\n  through Envoy" + only(b, a)
}
