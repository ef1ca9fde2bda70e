package proxy

import (
	"cmp"
	"fmt"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/serin-aws/serin/internal/release"
)

// Settings are what both proxies are made from. The zero value of a field means its default.
type Settings struct {
	Listen    int           // port; 80
	Service   string        // host:port of the service; 127.0.0.1:8080
	Health    string        // path of the load balancer's health check, never mirrored; /health
	Timeout   time.Duration // the longest silence of the service before users get 504; 60 s, as nginx has it
	Connect   time.Duration // the longest wait for a connection to the service before users get 504; 5 s
	MaxBody   int64         // bytes of a request's body, more is answered 413; 1 MiB
	KeepAlive time.Duration // how long an idle connection of a client stays open; 75 s: above the load balancer's 60 s
	Hops      int           // proxies in front whose X-Forwarded-* are believed: 1, the load balancer
	Routes    []Route       // by prefix, the longest that fits decides; without one everything is one route

	Shadow  string         // host:port that mirrored requests go to; empty: nothing is mirrored
	Percent release.Weight // of the requests that may be mirrored; read from Envoy's runtime, this is where it starts
	Admin   int            // port of Envoy's admin interface on 127.0.0.1; 9901
	Folder  string         // where both keep what changes while they run; /run/serin-proxy
}

// Route says what is special about the requests under a path.
type Route struct {
	Prefix   string   // of the path, with a slash at the front
	Mirror   []string // methods that are mirrored; nil: GET and HEAD; empty and not nil: none
	Upgrades bool     // websockets are let through; such a route is not mirrored
}

// Of returns the settings that a target states. Where copies go, and how many, a release decides.
func Of(p release.MirrorProxy) Settings {
	s := Settings{
		Listen: p.Listen, Service: p.Service, Health: p.Health, Timeout: p.Timeout.Std(), Connect: p.Connect.Std(),
		MaxBody: p.MaxBody, KeepAlive: p.KeepAlive.Std(), Hops: p.Hops,
	}
	for _, r := range p.Routes {
		s.Routes = append(s.Routes, Route{Prefix: r.Prefix, Mirror: r.Mirror, Upgrades: r.Websockets})
	}
	return s
}

// Where the share is found in Envoy's runtime, and as a file in the runtime's folder.
const (
	percentKey  = "serin.mirror_percent"
	percentFile = "serin/mirror_percent"
)

// Later is a shadow whose address is not known when the bootstrap is written: the script that Switch returns puts the
// address of the temporary stack in its place. The name can never exist (RFC 2606), so that a bootstrap that is started
// as it stands loses its copies and nothing else.
const Later = "shadow.invalid:1"

// Runtime is a symbolic link to the folder that Envoy reads the share from.
func (s Settings) Runtime() string { return s.Folder + "/runtime/current" }

// Drain is a file: while it is there, nginx lets go of its clients.
func (s Settings) Drain() string { return s.Folder + "/drain" }

// PID is the file with the number of nginx's process.
func (s Settings) PID() string { return s.Folder + "/nginx.pid" }

var (
	pathForm   = regexp.MustCompile(`^/[A-Za-z0-9._~!$&'()*+,=:@%/-]*$`)
	methodForm = regexp.MustCompile(`^[A-Z]{1,20}$`)
	folderForm = regexp.MustCompile(`^/[A-Za-z0-9._/-]*$`)
)

// readOnly are the methods that are mirrored where a route names none: those that RFC 9110 calls safe and services
// answer from what they have.
var readOnly = []string{"GET", "HEAD"}

// WithDefaults returns the settings with every default filled in, or an Invalid error that names the field.
func (s Settings) WithDefaults() (Settings, error) {
	s.Listen = cmp.Or(s.Listen, 80)
	s.Service = cmp.Or(s.Service, "127.0.0.1:8080")
	s.Health = cmp.Or(s.Health, "/health")
	s.Timeout = cmp.Or(s.Timeout, 60*time.Second)
	s.Connect = cmp.Or(s.Connect, 5*time.Second)
	s.MaxBody = cmp.Or(s.MaxBody, 1<<20)
	s.KeepAlive = cmp.Or(s.KeepAlive, 75*time.Second)
	s.Hops = cmp.Or(s.Hops, 1)
	s.Admin = cmp.Or(s.Admin, 9901)
	s.Folder = cmp.Or(s.Folder, "/run/serin-proxy")
	routes := slices.Clone(s.Routes)
	if !slices.ContainsFunc(routes, func(r Route) bool { return r.Prefix == "/" }) {
		routes = append(routes, Route{Prefix: "/"})
	}
	slices.SortStableFunc(routes, func(a, b Route) int { return len(b.Prefix) - len(a.Prefix) })
	for i := range routes {
		if routes[i].Mirror == nil {
			routes[i].Mirror = readOnly
		}
	}
	s.Routes = routes
	return s, s.check()
}

func (s Settings) check() error {
	for _, c := range []struct {
		field string
		wrong bool
		want  string
	}{
		{"listen", !port(s.Listen), "a port, 1 to 65535"},
		{"admin", !port(s.Admin) || s.Admin == s.Listen, "a port of its own, 1 to 65535"},
		{"service", !address(s.Service), "host:port, like 127.0.0.1:8080"},
		{"shadow", s.Shadow != "" && !address(s.Shadow), "host:port, like internal-temp-1.elb.amazonaws.com:80"},
		{"health", !pathForm.MatchString(s.Health), "a path, like /health"},
		{"timeout", s.Timeout < time.Second || s.Timeout > time.Hour, "1s to 1h"},
		{"connect", s.Connect < 100*time.Millisecond || s.Connect > 75*time.Second, "100ms to 75s, more than which the kernel gives up first"},
		{"maxBody", s.MaxBody < 1 || s.MaxBody > 64<<20, "1 byte to 64 MiB: both proxies hold a body until it is whole"},
		{"keepAlive", s.KeepAlive < time.Second || s.KeepAlive > 2*time.Hour, "1s to 2h, and above the load balancer's idle timeout"},
		{"hops", s.Hops < 0 || s.Hops > 8, "0 to 8"},
		{"percent", s.Percent < 0 || s.Percent > 100, "0 to 100"},
		{"folder", !folderForm.MatchString(s.Folder), "an absolute path"},
	} {
		if c.wrong {
			return release.Errorf(release.Invalid, "proxy", "%s must be %s", c.field, c.want)
		}
	}
	return s.checkRoutes()
}

func (s Settings) checkRoutes() error {
	seen := map[string]bool{}
	for _, r := range s.Routes {
		field := fmt.Sprintf("route %q", r.Prefix)
		switch {
		case !pathForm.MatchString(r.Prefix):
			return release.Errorf(release.Invalid, "proxy", "%s must be the beginning of a path, like /search", field)
		case seen[r.Prefix]:
			return release.Errorf(release.Invalid, "proxy", "%s stands twice", field)
		case slices.ContainsFunc(r.Mirror, func(m string) bool { return !methodForm.MatchString(m) }):
			return release.Errorf(release.Invalid, "proxy", "%s mirrors %s, but methods are written like GET", field, strings.Join(r.Mirror, ", "))
		}
		seen[r.Prefix] = true
	}
	return nil
}

func port(n int) bool { return n > 0 && n < 65536 }

// hostForm is a name or an IPv4 address.
var hostForm = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$`)

func address(text string) bool {
	host, number, err := net.SplitHostPort(text)
	if err != nil || !hostForm.MatchString(host) && net.ParseIP(host) == nil {
		return false
	}
	n, err := strconv.Atoi(number)
	return err == nil && port(n) && strconv.Itoa(n) == number
}

// mirrored reports whether a route's requests may be mirrored at all.
func (s Settings) mirrored(r Route) bool { return s.Shadow != "" && len(r.Mirror) > 0 && !r.Upgrades }
