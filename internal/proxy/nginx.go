package proxy

import (
	"fmt"
	"strings"
	"text/template"
	"time"
)

// Nginx returns the nginx configuration: a whole file, for "nginx -c". Nothing is mirrored by it.
func Nginx(s Settings) (string, error) {
	s, err := s.WithDefaults()
	if err != nil {
		return "", err
	}
	var b strings.Builder
	if err := nginx.Execute(&b, s); err != nil {
		return "", fmt.Errorf("write the nginx configuration: %w", err) // the template and Settings do not fit
	}
	return b.String(), nil
}

func milliseconds(d time.Duration) string { return fmt.Sprintf("%dms", d.Milliseconds()) }

// X-Forwarded-Proto is passed as it came, from the load balancer; where there is none it is set, because Envoy sets it.
// Host stays the client's.
//
// nginx closes idle connections when it is told to quit, also one on which a client is about to send. So before that the
// script of Switch makes a file, and while it is there every answer takes its connection with it: nginx has no other
// way to do this without quitting first. The status 418 is only the way to that location; nobody ever sees it.
var nginx = template.Must(template.New("nginx").Funcs(template.FuncMap{"ms": milliseconds}).Parse(`# Written by "serin proxy render --mode nginx".
worker_processes auto;
worker_rlimit_nofile 65536;
worker_shutdown_timeout {{ms .Timeout}};
pid {{.PID}};
error_log stderr warn;
daemon off;

events {
    worker_connections 16384;
}

http {
    access_log off;
    server_tokens off;
    default_type application/octet-stream;
    client_body_temp_path {{.Folder}}/body;
    proxy_temp_path {{.Folder}}/answers;

    underscores_in_headers off;
    client_max_body_size {{.MaxBody}};
    client_body_buffer_size {{.MaxBody}};
    client_header_timeout 60s;
    large_client_header_buffers 8 16k;
    client_body_timeout 60s;
    send_timeout {{ms .Timeout}};
    keepalive_timeout {{ms .KeepAlive}};
    keepalive_requests 1000000;
    keepalive_time 24h;
    reset_timedout_connection on;

    map $http_upgrade $connection_upgrade {
        default upgrade;
        ""      "";
    }

    map $http_x_forwarded_proto $forwarded_proto {
        default $http_x_forwarded_proto;
        ""      $scheme;
    }

    server {
        listen {{.Listen}} default_server reuseport backlog=4096;
        merge_slashes off;

        proxy_http_version 1.1;
        proxy_connect_timeout {{ms .Connect}};
        proxy_read_timeout {{ms .Timeout}};
        proxy_send_timeout {{ms .Timeout}};
        proxy_next_upstream off;
        proxy_request_buffering on;
        proxy_buffering on;
        proxy_max_temp_file_size 0;
        proxy_pass_header Server;
        proxy_pass_header Date;
        proxy_set_header Host $http_host;
        proxy_set_header Connection "";
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        proxy_set_header X-Forwarded-Proto $forwarded_proto;
        error_page 418 = @last;

        location = {{.Health}} {
            if (-f {{.Drain}}) { return 418; }
            proxy_pass http://{{.Service}};
        }
{{range .Routes}}
        location {{.Prefix}} {
{{- if .Upgrades}}
            error_page 418 = @last_upgraded;
            proxy_set_header Host $http_host;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_set_header X-Forwarded-Proto $forwarded_proto;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $connection_upgrade;
{{- end}}
            if (-f {{$.Drain}}) { return 418; }
            proxy_pass http://{{$.Service}};
        }
{{end}}
        location @last {
            keepalive_timeout 0;
            proxy_pass http://{{.Service}};
        }

        location @last_upgraded {
            keepalive_timeout 0;
            proxy_set_header Host $http_host;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_set_header X-Forwarded-Proto $forwarded_proto;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $connection_upgrade;
            proxy_pass http://{{.Service}};
        }
    }
}
`))
