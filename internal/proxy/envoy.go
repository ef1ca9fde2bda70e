package proxy

import (
	"bytes"
	"encoding/json"
	"fmt"

	bootstrap "github.com/envoyproxy/go-control-plane/envoy/config/bootstrap/v3"
	core "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	listener "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/serin-aws/serin/internal/release"
)

// Names in the bootstrap.
const (
	serviceCluster = "service"
	shadowCluster  = "shadow"
)

// Envoy returns Envoy's bootstrap as JSON, for "envoy -c", checked all the way down.
func Envoy(s Settings) (string, error) {
	s, err := s.WithDefaults()
	if err != nil {
		return "", err
	}
	config, err := build(s)
	if err != nil {
		return "", err
	}
	if err := valid(config); err != nil {
		return "", release.Errorf(release.Unexpected, "write Envoy's bootstrap", "%w", err)
	}
	text, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(config)
	if err != nil {
		return "", release.Errorf(release.Unexpected, "write Envoy's bootstrap", "%w", err)
	}
	var b bytes.Buffer
	if err := json.Indent(&b, text, "", "  "); err != nil { // protojson's own indentation varies on purpose
		return "", release.Errorf(release.Unexpected, "write Envoy's bootstrap", "%w", err)
	}
	return b.String() + "\n", nil
}

// build makes the bootstrap of settings that have their defaults.
func build(s Settings) (*bootstrap.Bootstrap, error) {
	runtime, err := runtimeOf(s)
	if err != nil {
		return nil, err
	}
	ingress, err := listenerOf(s)
	if err != nil {
		return nil, err
	}
	clusters, err := clustersOf(s)
	if err != nil {
		return nil, err
	}
	return &bootstrap.Bootstrap{
		Node:           &core.Node{Id: "serin", Cluster: "serin"},
		Admin:          &bootstrap.Admin{Address: socket("127.0.0.1", s.Admin)},
		LayeredRuntime: runtime,
		StaticResources: &bootstrap.Bootstrap_StaticResources{
			Listeners: []*listener.Listener{ingress}, Clusters: clusters,
		},
	}, nil
}

// runtimeOf layers what may change without a restart: the share that the settings start with, the folder, and the
// admin interface.
func runtimeOf(s Settings) (*bootstrap.LayeredRuntime, error) {
	start, err := structpb.NewStruct(map[string]any{percentKey: float64(s.Percent)})
	if err != nil {
		return nil, fmt.Errorf("write the runtime: %w", err)
	}
	return &bootstrap.LayeredRuntime{Layers: []*bootstrap.RuntimeLayer{
		{Name: "start", LayerSpecifier: &bootstrap.RuntimeLayer_StaticLayer{StaticLayer: start}},
		{Name: "folder", LayerSpecifier: &bootstrap.RuntimeLayer_DiskLayer_{DiskLayer: &bootstrap.RuntimeLayer_DiskLayer{SymlinkRoot: s.Runtime()}}},
		{Name: "admin", LayerSpecifier: &bootstrap.RuntimeLayer_AdminLayer_{AdminLayer: &bootstrap.RuntimeLayer_AdminLayer{}}},
	}}, nil
}

func socket(host string, port int) *core.Address {
	return &core.Address{Address: &core.Address_SocketAddress{SocketAddress: &core.SocketAddress{
		Address: host, PortSpecifier: &core.SocketAddress_PortValue{PortValue: uint32(port)}, //nolint:gosec // a port
	}}}
}

// packed wraps a message for a field that takes any.
func packed(m proto.Message) (*anypb.Any, error) {
	whole, err := anypb.New(m)
	if err != nil {
		return nil, fmt.Errorf("pack %s: %w", m.ProtoReflect().Descriptor().FullName(), err)
	}
	return whole, nil
}
