package proxy

import (
	"net/http"
	"strings"

	core "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	route "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	buffer "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/buffer/v3"
	matcher "github.com/envoyproxy/go-control-plane/envoy/type/matcher/v3"
	fraction "github.com/envoyproxy/go-control-plane/envoy/type/v3"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

const bufferFilter = "envoy.filters.http.buffer"

// added are headers that Envoy itself adds for the service; nginx knows none of them.
var added = []string{"x-envoy-external-address", "x-envoy-internal", "x-envoy-expected-rq-timeout-ms"}

// routesOf says where requests go: the health check first, then each path, its mirrored methods before the others.
func routesOf(s Settings) (*route.RouteConfiguration, error) {
	health := &route.RouteMatch{PathSpecifier: &route.RouteMatch_Path{Path: s.Health}}
	routes := []*route.Route{noTrace(), s.to("health", health)}
	for _, r := range s.Routes {
		more, err := s.under(r)
		if err != nil {
			return nil, err
		}
		routes = append(routes, more...)
	}
	return &route.RouteConfiguration{
		Name: "users", RequestHeadersToRemove: added,
		VirtualHosts: []*route.VirtualHost{{Name: "all", Domains: []string{"*"}, Routes: routes}},
	}, nil
}

// under are the routes of one path.
func (s Settings) under(r Route) ([]*route.Route, error) {
	match := func() *route.RouteMatch {
		return &route.RouteMatch{PathSpecifier: &route.RouteMatch_Prefix{Prefix: r.Prefix}}
	}
	plain := s.to("live "+r.Prefix, match())
	if r.Upgrades {
		return []*route.Route{plain}, s.letThrough(plain)
	}
	if !s.mirrored(r) {
		return []*route.Route{plain}, nil
	}
	some := match()
	some.Headers = methods(r.Mirror...)
	mirrored := s.to("mirrored "+r.Prefix, some)
	mirrored.GetRoute().RequestMirrorPolicies = []*route.RouteAction_RequestMirrorPolicy{s.policy()}
	return []*route.Route{mirrored, plain}, nil
}

// methods fits requests of these methods.
func methods(names ...string) []*route.HeaderMatcher {
	return []*route.HeaderMatcher{{Name: ":method", HeaderMatchSpecifier: &route.HeaderMatcher_StringMatch{
		StringMatch: &matcher.StringMatcher{MatchPattern: &matcher.StringMatcher_SafeRegex{
			SafeRegex: &matcher.RegexMatcher{Regex: strings.Join(names, "|")},
		}},
	}}}
}

// noTrace refuses TRACE, as nginx does by itself.
func noTrace() *route.Route {
	return &route.Route{
		Name: "trace", Match: &route.RouteMatch{PathSpecifier: &route.RouteMatch_Prefix{Prefix: "/"}, Headers: methods("TRACE")},
		Action: &route.Route_DirectResponse{DirectResponse: &route.DirectResponseAction{Status: http.StatusMethodNotAllowed}},
	}
}

// to sends what matches to the service. There is no limit on a whole answer, only on silence, as in nginx; and an
// answer is never asked for twice.
func (s Settings) to(name string, match *route.RouteMatch) *route.Route {
	return &route.Route{Name: name, Match: match, Action: &route.Route_Route{Route: &route.RouteAction{
		ClusterSpecifier: &route.RouteAction_Cluster{Cluster: serviceCluster},
		Timeout:          durationpb.New(0),
		IdleTimeout:      durationpb.New(s.Timeout),
	}}}
}

// policy mirrors a share of the requests. The copy goes to the same Host, and nobody waits for its answer.
func (s Settings) policy() *route.RouteAction_RequestMirrorPolicy {
	return &route.RouteAction_RequestMirrorPolicy{
		Cluster: shadowCluster,
		RuntimeFraction: &core.RuntimeFractionalPercent{
			RuntimeKey:   percentKey,
			DefaultValue: &fraction.FractionalPercent{Numerator: uint32(s.Percent), Denominator: fraction.FractionalPercent_HUNDRED}, //nolint:gosec // 0 to 100
		},
		TraceSampled:                  wrapperspb.Bool(false),
		DisableShadowHostSuffixAppend: true,
	}
}

// letThrough opens a route to websockets, whose bodies cannot be held until they are whole.
func (s Settings) letThrough(r *route.Route) error {
	r.GetRoute().UpgradeConfigs = []*route.RouteAction_UpgradeConfig{{UpgradeType: "websocket"}}
	unheld, err := packed(&buffer.BufferPerRoute{Override: &buffer.BufferPerRoute_Disabled{Disabled: true}})
	r.TypedPerFilterConfig = map[string]*anypb.Any{bufferFilter: unheld}
	return err
}
