package main

import (
	"os"
	"strings"
	"testing"

	"github.com/serin-aws/serin/internal/golden"
	"github.com/serin-aws/serin/internal/proxy"
	"github.com/serin-aws/serin/internal/targetfile"
)

const mirroredTarget = "../../examples/catalogue/target.yaml"

func TestProxyRender(t *testing.T) {
	for _, mode := range modes() {
		code, out, errOut := call("", "proxy", "render", "-f", mirroredTarget, "--mode", mode)
		if code != exitOK || errOut != "" {
			t.Errorf("%s: exit %d, %s", mode, code, errOut)
		}
		golden.Text(t, "proxy-"+mode, out)
	}
	_, out, _ := call("", "proxy", "render", "-f", mirroredTarget, "--mode", "envoy", "--shadow", "10.0.3.7:8080", "--percent", "25")
	for _, part := range []string{`"address": "10.0.3.7"`, `"port_value": 8080`, `"serin.mirror_percent": 25`} {
		if !strings.Contains(out, part) {
			t.Errorf("%s is missing", part)
		}
	}
}

func TestProxyRenderBadInput(t *testing.T) {
	target, err := os.ReadFile(mirroredTarget)
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, c := range []struct {
		name     string
		old, new string
		args     []string
	}{
		{"no mode", "", "", nil},
		{"unknown mode", "", "", []string{"--mode", "haproxy"}},
		{"shadow of nginx", "", "", []string{"--mode", "nginx", "--shadow", "a:80"}},
		{"shadow without a port", "", "", []string{"--mode", "envoy", "--shadow", "a"}},
		{"share of more than everything", "", "", []string{"--mode", "envoy", "--percent", "101"}},
		{"port", "service: 127.0.0.1:8080", "service: 127.0.0.1", []string{"--mode", "nginx"}},
		{"port that does not exist", "service: 127.0.0.1:8080", "service: 127.0.0.1:99999", []string{"--mode", "nginx"}},
		{"path", "health: /health", "health: health; return 200", []string{"--mode", "nginx"}},
		{"method", "HEAD, POST", "HEAD, post", []string{"--mode", "envoy"}},
		{"route twice", "prefix: /basket", "prefix: /search", []string{"--mode", "envoy"}},
		{"mirrored websockets", "websockets: true", "websockets: true, mirror: [GET]", []string{"--mode", "envoy"}},
		{"silence of hours", "health: /health", "timeout: 2h", []string{"--mode", "nginx"}},
		{"not declared idempotent", "idempotent: true", "idempotent: false", []string{"--mode", "envoy"}},
	} {
		code, out, errOut := call(strings.Replace(string(target), c.old, c.new, 1), append([]string{"proxy", "render", "-f", "-"}, c.args...)...)
		if code != exitBadInput || out != "" {
			t.Errorf("%s: exit %d, %s", c.name, code, out)
		}
		all.WriteString("== " + c.name + "\n" + errOut)
	}
	code, _, errOut := call("", "proxy", "render", "-f", ordersTarget, "--mode", "nginx")
	if code != exitBadInput {
		t.Error("another platform: exit", code)
	}
	all.WriteString("== another platform\n" + errOut)
	golden.Text(t, "proxy-bad-input", all.String())
}

// What a target says by leaving it out is what the proxies do when nothing is said.
func TestProxyDefaults(t *testing.T) {
	data, err := os.ReadFile("../../internal/targetfile/testdata/least-mirror.yaml")
	if err != nil {
		t.Fatal(err)
	}
	target, err := targetfile.Parse("least-mirror.yaml", data)
	if err != nil {
		t.Fatal(err)
	}
	for mode, render := range rendered {
		stated, err := render(proxy.Of(target.EC2Mirror.Proxy))
		if silent, err2 := render(proxy.Settings{}); err != nil || err2 != nil || stated != silent {
			t.Errorf("%s differs: %v %v", mode, err, err2)
		}
	}
}
