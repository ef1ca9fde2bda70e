package proxy

// Difference is a request that nginx and Envoy answer differently with what this package writes. Whatever is not in the
// table they answer alike: the same requests are sent through both, and each must be told apart here or nowhere.
type Difference struct {
	Case         string // the request, as the test of both proxies names it
	Nginx, Envoy string // what users or the service get
	Why          string // why it is left so
}

// The reasons that several differences have.
const (
	unsent = "A load balancer does not let it through."
	hop    = "Such headers are between two neighbours only (RFC 9110, 7.6.1); neither proxy acts on what it sends on here."
)

// Differences is the table.
func Differences() []Difference {
	return []Difference{
		{"dots above the root", "400", "passed on", "Envoy could only refuse it by rewriting every other path with dots in it too. Services refuse or clean such paths themselves."},
		{"fragment", "passed on", "400", "No client sends the part of an address after #."},
		{"OPTIONS", "without Content-Length", "the service sees Content-Length: 0", "It says the same."},
		{"a method of its own", "passed on", "400", "Envoy knows the methods of HTTP and WebDAV. A service with others (QUERY is one) cannot be mirrored."},
		{"CONNECT", "400", "408 after the time for a body", unsent},
		{"headers of Envoy's own", "passed on", "x-envoy-* are removed", "Envoy obeys these headers from neighbours that it trusts, so it takes none from users."},
		{"hop-by-hop headers", "Proxy-Connection is passed on, TE is not", "TE is passed on, Proxy-Connection is not", hop},
		{"header named by Connection", "passed on", "removed, as RFC 9110 has it", hop},
		{"two Hosts", "400", "passed on as one, joined by a comma", unsent},
		{"HTTP/2.0 in words", "505", "answered as HTTP/1.0", unsent},
		{"header of 20 KB", "400", "passed on", "A load balancer refuses a header of more than 16 KB."},
		{"target of 20 KB", "414", "passed on", "A load balancer refuses a request line of more than 16 KB."},
		{"websocket where none is let through", "answered without the upgrade", "403", "Only where another route lets websockets through: Envoy can leave upgrades out for all routes or for none."},
		{"upgrade to HTTP/2", "HTTP2-Settings is passed on", "HTTP2-Settings is removed", hop},
	}
}
