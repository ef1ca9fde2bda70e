package proxy

import (
	"net"
	"strconv"
	"time"

	cluster "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	core "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	endpoint "github.com/envoyproxy/go-control-plane/envoy/config/endpoint/v3"
	upstream "github.com/envoyproxy/go-control-plane/envoy/extensions/upstreams/http/v3"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// What the shadow may take of the live machine. A copy beyond these is dropped, and nobody notices but Envoy's
// counters (cluster.shadow.upstream_rq_pending_overflow).
const (
	shadowConnect     = time.Second
	shadowLongest     = 10 * time.Second // of one copy, so that a hung shadow gives its places back
	shadowConnections = 64
	shadowRequests    = 256
	shadowPending     = 64
)

// plenty is a limit that the operating system reaches first: nginx has none of its own for the service.
const plenty = 65535

func clustersOf(s Settings) ([]*cluster.Cluster, error) {
	service, err := clusterOf(serviceCluster, s.Service, s.Connect, &core.HttpProtocolOptions{
		MaxRequestsPerConnection: wrapperspb.UInt32(1), // a connection for each request, as nginx does without keepalive
		IdleTimeout:              durationpb.New(s.KeepAlive),
		MaxHeadersCount:          wrapperspb.UInt32(headerCount),
	})
	if err != nil {
		return nil, err
	}
	service.CircuitBreakers = limits(plenty, plenty, plenty)
	if s.Shadow == "" {
		return []*cluster.Cluster{service}, nil
	}
	shadow, err := clusterOf(shadowCluster, s.Shadow, shadowConnect, &core.HttpProtocolOptions{
		MaxRequestsPerConnection: wrapperspb.UInt32(1),
		MaxStreamDuration:        durationpb.New(shadowLongest),
	})
	if err != nil {
		return nil, err
	}
	shadow.CircuitBreakers = limits(shadowConnections, shadowPending, shadowRequests)
	return []*cluster.Cluster{service, shadow}, nil
}

// clusterOf is one place that requests go to: by name, because the shadow is a load balancer whose addresses change.
func clusterOf(name, address string, connect time.Duration, common *core.HttpProtocolOptions) (*cluster.Cluster, error) {
	host, number, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	port, err := strconv.Atoi(number)
	if err != nil {
		return nil, err
	}
	headers, err := casingOf()
	if err != nil {
		return nil, err
	}
	protocol, err := packed(&upstream.HttpProtocolOptions{
		CommonHttpProtocolOptions: common,
		UpstreamProtocolOptions: &upstream.HttpProtocolOptions_ExplicitHttpConfig_{ExplicitHttpConfig: &upstream.HttpProtocolOptions_ExplicitHttpConfig{
			ProtocolConfig: &upstream.HttpProtocolOptions_ExplicitHttpConfig_HttpProtocolOptions{
				HttpProtocolOptions: &core.Http1ProtocolOptions{HeaderKeyFormat: headers},
			},
		}},
	})
	if err != nil {
		return nil, err
	}
	kind := cluster.Cluster_STATIC
	if net.ParseIP(host) == nil {
		kind = cluster.Cluster_STRICT_DNS
	}
	return &cluster.Cluster{
		Name: name, ConnectTimeout: durationpb.New(connect),
		ClusterDiscoveryType: &cluster.Cluster_Type{Type: kind}, DnsLookupFamily: cluster.Cluster_V4_PREFERRED,
		LoadAssignment: &endpoint.ClusterLoadAssignment{ClusterName: name, Endpoints: []*endpoint.LocalityLbEndpoints{{
			LbEndpoints: []*endpoint.LbEndpoint{{HostIdentifier: &endpoint.LbEndpoint_Endpoint{Endpoint: &endpoint.Endpoint{Address: socket(host, port)}}}},
		}}},
		TypedExtensionProtocolOptions: map[string]*anypb.Any{"envoy.extensions.upstreams.http.v3.HttpProtocolOptions": protocol},
	}, nil
}

// limits are a cluster's circuit breakers. Nothing is ever tried again.
func limits(connections, pending, requests uint32) *cluster.CircuitBreakers {
	return &cluster.CircuitBreakers{Thresholds: []*cluster.CircuitBreakers_Thresholds{{
		MaxConnections: wrapperspb.UInt32(connections), MaxPendingRequests: wrapperspb.UInt32(pending),
		MaxRequests: wrapperspb.UInt32(requests), MaxRetries: wrapperspb.UInt32(0),
	}}}
}
