package release

import "context"

// announcing is the key under which a context carries how a change of the workload is announced.
type announcing struct{}

// WithAnnouncement returns a context in which a platform announces its changes by calling the given function: it makes
// the invocation's lease durable, once, and an error says that nothing may be changed.
func WithAnnouncement(ctx context.Context, announce func(context.Context) error) context.Context {
	return context.WithValue(ctx, announcing{}, announce)
}

// AnnounceChange makes sure that the lease of this invocation is durable. A platform that announces its own changes calls
// it before each call of AWS that changes something, and changes nothing when it answers an error. Where the lease was
// written before the platform was called, it has nothing to do.
func AnnounceChange(ctx context.Context) error {
	announce, ok := ctx.Value(announcing{}).(func(context.Context) error)
	if !ok {
		return nil
	}
	return announce(ctx)
}
