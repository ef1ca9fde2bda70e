// Package mirror proves the proxies of a mirrored service with the real nginx and the real Envoy: both run with the
// configurations that package proxy writes, and the script that it writes puts one in the place of the other. The live
// service and its shadow are processes of the program in service/. Its tests have the build tag mirror, because they need
// both proxies:
//
//	make e2e-mirror
//
//	stand_test.go   the service's processes, the folder with the configurations, the proxies
//	client_test.go  requests as a client writes them: no library between, which would hide a lost one by trying again
//	switch_test.go  nginx -> Envoy -> nginx at 500 requests a second
//	share_test.go   how much is mirrored, and what is not
//	shadow_test.go  a shadow that hangs, is slow, refuses or fails
//	parity_test.go  the same requests through both; what differs stands in proxy.Differences
//
// nginx comes from the distribution (Debian: nginx-light), Envoy from scripts/foreign-tools.sh.
package mirror
