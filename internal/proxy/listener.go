package proxy

import (
	"slices"

	accesslog "github.com/envoyproxy/go-control-plane/envoy/config/accesslog/v3"
	core "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	listener "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
	buffer "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/buffer/v3"
	router "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/router/v3"
	hcm "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/http_connection_manager/v3"
	casing "github.com/envoyproxy/go-control-plane/envoy/extensions/http/header_formatters/preserve_case/v3"
	matcher "github.com/envoyproxy/go-control-plane/envoy/type/matcher/v3"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// How long a client may take to send its headers, as nginx's client_header_timeout has it, and how large and how many
// they may be: as much as nginx takes, and more than a load balancer lets through (64 KB).
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
const (
	headerSeconds = 60
	headerKB      = 128
	headerCount   = 1000
)

// listenerOf takes the requests of users.
func listenerOf(s Settings) (*listener.Listener, error) {
	manager, err := managerOf(s)
	if err != nil {
		return nil, err
	}
	config, err := packed(manager)
	if err != nil {
		return nil, err
	}
	return &listener.Listener{
		Name: "users", Address: socket("0.0.0.0", s.Listen),
		PerConnectionBufferLimitBytes: wrapperspb.UInt32(uint32(max(s.MaxBody+64<<10, 1<<20))), //nolint:gosec // MaxBody is at most 64 MiB
		FilterChains: []*listener.FilterChain{{Filters: []*listener.Filter{{
			Name: "envoy.filters.network.http_connection_manager", ConfigType: &listener.Filter_TypedConfig{TypedConfig: config},
		}}}},
	}, nil
}

func managerOf(s Settings) (*hcm.HttpConnectionManager, error) {
	filters, err := filtersOf(s)
	if err != nil {
		return nil, err
	}
	headers, err := casingOf()
	if err != nil {
		return nil, err
	}
	routes, err := routesOf(s)
	if err != nil {
		return nil, err
	}
	return &hcm.HttpConnectionManager{
		StatPrefix:     "users",
		CodecType:      hcm.HttpConnectionManager_HTTP1,
		RouteSpecifier: &hcm.HttpConnectionManager_RouteConfig{RouteConfig: routes},
		HttpFilters:    filters,

		// The client's address is what the load balancer says it is.
		UseRemoteAddress: wrapperspb.Bool(true), XffNumTrustedHops: uint32(s.Hops), //nolint:gosec // 0 to 8
		// Nothing of Envoy's own is added to what users and the service see.
		ServerHeaderTransformation: hcm.HttpConnectionManager_PASS_THROUGH,
		GenerateRequestId:          wrapperspb.Bool(false), PreserveExternalRequestId: true,

		CommonHttpProtocolOptions: &core.HttpProtocolOptions{
			IdleTimeout: durationpb.New(s.KeepAlive), HeadersWithUnderscoresAction: core.HttpProtocolOptions_DROP_HEADER,
			MaxHeadersCount: wrapperspb.UInt32(headerCount),
		},
		HttpProtocolOptions: &core.Http1ProtocolOptions{
			AcceptHttp_10: true, HeaderKeyFormat: headers, IgnoreHttp_11Upgrade: ignored(s),
		},
		RequestHeadersTimeout: durationpb.New(headerSeconds * 1e9),
		StreamIdleTimeout:     durationpb.New(s.Timeout),
		MaxRequestHeadersKb:   wrapperspb.UInt32(headerKB),
		LocalReplyConfig:      &hcm.LocalReplyConfig{Mappers: []*hcm.ResponseMapper{unreachable()}},
	}, nil
}

// ignored are the upgrades that a client may ask for and that nginx leaves out of what it sends on: all but websockets,
// and those too where no route lets them through.
func ignored(s Settings) []*matcher.StringMatcher {
	all := ".*"
	if slices.ContainsFunc(s.Routes, func(r Route) bool { return r.Upgrades }) {
		all = "[^wW].*"
	}
	return []*matcher.StringMatcher{{MatchPattern: &matcher.StringMatcher_SafeRegex{SafeRegex: &matcher.RegexMatcher{Regex: all}}}}
}

// unreachable answers 502 where no connection to the service came about, or it broke: Envoy itself would answer 503.
func unreachable() *hcm.ResponseMapper {
	return &hcm.ResponseMapper{
		Filter: &accesslog.AccessLogFilter{FilterSpecifier: &accesslog.AccessLogFilter_ResponseFlagFilter{
			ResponseFlagFilter: &accesslog.ResponseFlagFilter{Flags: []string{"UF", "UC", "UR", "UPE"}},
		}},
		StatusCode: wrapperspb.UInt32(502),
	}
}

// filtersOf holds a request until its body is whole, as nginx does, and sends it on.
func filtersOf(s Settings) ([]*hcm.HttpFilter, error) {
	var filters []*hcm.HttpFilter
	for _, f := range []struct {
		name   string
		config proto.Message
	}{
		{bufferFilter, &buffer.Buffer{MaxRequestBytes: wrapperspb.UInt32(uint32(s.MaxBody))}}, //nolint:gosec // at most 64 MiB
		{"envoy.filters.http.router", &router.Router{SuppressEnvoyHeaders: true}},
	} {
		config, err := packed(f.config)
		if err != nil {
			return nil, err
		}
		filters = append(filters, &hcm.HttpFilter{Name: f.name, ConfigType: &hcm.HttpFilter_TypedConfig{TypedConfig: config}})
	}
	return filters, nil
}

// casingOf keeps the letters of header names as they came: HTTP does not care, some programs do.
func casingOf() (*core.Http1ProtocolOptions_HeaderKeyFormat, error) {
	config, err := packed(&casing.PreserveCaseFormatterConfig{})
	if err != nil {
		return nil, err
	}
	return &core.Http1ProtocolOptions_HeaderKeyFormat{
		HeaderFormat: &core.Http1ProtocolOptions_HeaderKeyFormat_StatefulFormatter{
			StatefulFormatter: &core.TypedExtensionConfig{Name: "preserve_case", TypedConfig: config},
		},
	}, nil
}
