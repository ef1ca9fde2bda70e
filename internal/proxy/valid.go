package proxy

import (
	"errors"
	"fmt"

	bootstrap "github.com/envoyproxy/go-control-plane/envoy/config/bootstrap/v3"
	route "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	fraction "github.com/envoyproxy/go-control-plane/envoy/type/v3"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protopath"
	"google.golang.org/protobuf/reflect/protorange"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/anypb"
)

// valid checks a bootstrap all the way down. Envoy's generated checks stop at messages that are packed in others, and
// know nothing of names that lead nowhere, so both are looked at here.
func valid(config *bootstrap.Bootstrap) error {
	if err := config.ValidateAll(); err != nil {
		return fmt.Errorf("the bootstrap is not valid: %w", err)
	}
	known := map[string]bool{}
	for _, c := range config.GetStaticResources().GetClusters() {
		known[c.GetName()] = true
	}
	return walk(config, known)
}

// walk visits every message, and what is packed in it.
func walk(m proto.Message, known map[string]bool) error {
	var wrong []error
	err := protorange.Range(m.ProtoReflect(), func(at protopath.Values) error {
		inner, ok := at.Index(-1).Value.Interface().(protoreflect.Message)
		if !ok {
			return nil
		}
		if err := look(inner.Interface(), known); err != nil {
			wrong = append(wrong, fmt.Errorf("%s: %w", at.Path, err))
		}
		if _, ok := inner.Interface().(*anypb.Any); ok {
			return protorange.Break // it was looked into
		}
		return nil
	})
	return errors.Join(append(wrong, err)...)
}

// look checks one message.
func look(m proto.Message, known map[string]bool) error {
	switch m := m.(type) {
	case *anypb.Any:
		return unpack(m, known)
	case *route.RouteAction:
		if !known[m.GetCluster()] {
			return fmt.Errorf("requests go to cluster %q, which is not there", m.GetCluster())
		}
	case *route.RouteAction_RequestMirrorPolicy:
		if !known[m.GetCluster()] {
			return fmt.Errorf("copies go to cluster %q, which is not there", m.GetCluster())
		}
	case *fraction.FractionalPercent:
		whole := map[fraction.FractionalPercent_DenominatorType]uint32{
			fraction.FractionalPercent_HUNDRED: 100, fraction.FractionalPercent_TEN_THOUSAND: 10_000, fraction.FractionalPercent_MILLION: 1_000_000,
		}[m.GetDenominator()]
		if m.GetNumerator() > whole {
			return fmt.Errorf("%d of %d is more than everything", m.GetNumerator(), whole)
		}
	}
	return nil
}

// unpack checks what is packed in a message.
func unpack(packed *anypb.Any, known map[string]bool) error {
	inner, err := packed.UnmarshalNew()
	if err != nil {
		return fmt.Errorf("unpack %s: %w", packed.GetTypeUrl(), err)
	}
	if checked, ok := inner.(interface{ ValidateAll() error }); ok {
		if err := checked.ValidateAll(); err != nil {
			return fmt.Errorf("%s is not valid: %w", packed.GetTypeUrl(), err)
		}
	}
	return walk(inner, known)
}
