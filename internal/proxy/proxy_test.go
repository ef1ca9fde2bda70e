package proxy

import (
	"strings"
	"testing"
	"time"

	bootstrap "github.com/envoyproxy/go-control-plane/envoy/config/bootstrap/v3"
	cluster "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	"google.golang.org/protobuf/encoding/protojson"
	"pgregory.net/rapid"

	"github.com/serin-aws/serin/internal/golden"
	"github.com/serin-aws/serin/internal/release"
)

func settings() Settings {
	return Settings{
		Shadow: "internal-temp-1.eu-central-1.elb.amazonaws.com:80", Percent: 10,
		Routes: []Route{{Prefix: "/search", Mirror: []string{"GET", "HEAD", "OPTIONS"}}, {Prefix: "/live", Upgrades: true}, {Prefix: "/admin", Mirror: []string{}}},
	}
}

func TestNginxGolden(t *testing.T) {
	text, err := Nginx(settings())
	if err != nil {
		t.Fatal(err)
	}
	golden.File(t, "testdata/nginx.conf", text)
}

func TestEnvoyGolden(t *testing.T) {
	text, err := Envoy(settings())
	if err != nil {
		t.Fatal(err)
	}
	golden.File(t, "testdata/envoy.json", text)
}

func TestMistakes(t *testing.T) {
	for want, spoil := range map[string]func(*Settings){
		"listen must be a port":                       func(s *Settings) { s.Listen = 70000 },
		"admin must be a port of its own":             func(s *Settings) { s.Listen, s.Admin = 8000, 8000 },
		"service must be host:port":                   func(s *Settings) { s.Service = "127.0.0.1" },
		"shadow must be host:port":                    func(s *Settings) { s.Shadow = "temp; return 200:80" },
		"health must be a path":                       func(s *Settings) { s.Health = "health" },
		"timeout must be 1s to 1h":                    func(s *Settings) { s.Timeout = 2 * time.Hour },
		"maxBody must be 1 byte to 64 MiB":            func(s *Settings) { s.MaxBody = 1 << 30 },
		"hops must be 0 to 8":                         func(s *Settings) { s.Hops = -1 },
		"percent must be 0 to 100":                    func(s *Settings) { s.Percent = 101 },
		"folder must be an absolute path":             func(s *Settings) { s.Folder = "run" },
		`route "search" must be the beginning`:        func(s *Settings) { s.Routes[0].Prefix = "search" },
		`route "/x {" must be the beginning`:          func(s *Settings) { s.Routes[0].Prefix = "/x {" },
		`route "/live" stands twice`:                  func(s *Settings) { s.Routes[0].Prefix = "/live" },
		"mirrors get, but methods are written like G": func(s *Settings) { s.Routes[0].Mirror = []string{"get"} },
	} {
		s := settings()
		spoil(&s)
		for name, render := range map[string]func(Settings) (string, error){"nginx": Nginx, "envoy": Envoy} {
			if text, err := render(s); err == nil || !strings.Contains(err.Error(), want) || release.CodeOf(err) != release.Invalid {
				t.Errorf("%s of %q: %v %s", name, want, err, text)
			}
		}
	}
}

// A bootstrap that Envoy's generated checks let through is not written.
func TestDeepValidation(t *testing.T) {
	for want, spoil := range map[string]func(*Settings, *bootstrap.Bootstrap){
		"is not there":            func(_ *Settings, b *bootstrap.Bootstrap) { b.StaticResources.Clusters = b.StaticResources.Clusters[:1] },
		"is more than everything": func(s *Settings, _ *bootstrap.Bootstrap) { s.Percent = 150 },
		"is not valid": func(_ *Settings, b *bootstrap.Bootstrap) {
			b.StaticResources.Clusters = append(b.StaticResources.Clusters, &cluster.Cluster{})
		},
	} {
		s, err := settings().WithDefaults()
		if err != nil {
			t.Fatal(err)
		}
		spoil(&s, &bootstrap.Bootstrap{StaticResources: &bootstrap.Bootstrap_StaticResources{Clusters: make([]*cluster.Cluster, 2)}})
		b, err := build(s)
		if err != nil {
			t.Fatal(err)
		}
		spoil(&s, b)
		if err := valid(b); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

// Whatever settings are accepted, both proxies can be written, and the bootstrap reads back.
func TestEverySettingCanBeWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := Settings{
			Listen: rapid.IntRange(-1, 70000).Draw(t, "listen"), Percent: release.Weight(rapid.IntRange(-1, 101).Draw(t, "percent")),
			Timeout: time.Duration(rapid.Int64Range(0, 2*int64(time.Hour)).Draw(t, "timeout")), MaxBody: rapid.Int64Range(0, 1<<27).Draw(t, "body"),
			Shadow: rapid.SampledFrom([]string{"", "temp:80", "10.0.0.1:8080", "x", "[::1]:80"}).Draw(t, "shadow"),
		}
		for range rapid.IntRange(0, 3).Draw(t, "routes") {
			s.Routes = append(s.Routes, Route{
				Prefix: "/" + rapid.StringMatching(`[a-z{};$]{0,4}`).Draw(t, "prefix"), Upgrades: rapid.Bool().Draw(t, "upgrades"),
				Mirror: rapid.SliceOfN(rapid.SampledFrom([]string{"GET", "POST", "a"}), 0, 2).Draw(t, "mirror"),
			})
		}
		_, err := s.WithDefaults()
		if _, nginx := Nginx(s); (nginx == nil) != (err == nil) {
			t.Fatal(err, nginx)
		}
		text, envoy := Envoy(s)
		if (envoy == nil) != (err == nil) {
			t.Fatal(err, envoy)
		}
		if envoy == nil {
			if err := protojson.Unmarshal([]byte(text), &bootstrap.Bootstrap{}); err != nil {
				t.Fatal(err)
			}
		}
	})
}
