// Package proxy writes the two configurations of the proxy in front of a mirrored service: nginx, which serves between
// releases, and Envoy, which takes its place during the validation window and mirrors a share of the read-only requests
// to the temporary stack. Both come from the same Settings and answer users alike. Where to look:
//
//	settings.go  what is the same for both, with its defaults and bounds
//	nginx.go     the nginx configuration
//	envoy.go     Envoy's bootstrap; listener.go its listener, routes.go its routes, clusters.go where requests go
//	switch.go    the script that puts one in the place of the other, switch.sh, and changes the share
//	stack.go     a CloudFormation template of the whole service, stack.yaml
//	parity.go    where the two answer differently, and why
//	valid.go     the bootstrap is checked all the way down before it is written
//
// The rules that decide:
//
//   - Users never wait for the shadow: mirroring is fire and forget, and the shadow's own circuit breakers and longest
//     stream are low, so that a slow, hung or refusing shadow only loses its own copies.
//   - Only the methods that a route names are mirrored, GET and HEAD where it names none. Health checks never are.
//   - The share is read from Envoy's runtime, so it changes without a restart.
//   - A switch loses nothing: both listen on one port for a while, and the old one goes when no client holds a connection
//     of it any more.
package proxy
