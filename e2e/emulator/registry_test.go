//go:build emulator

package emulator

import (
	"net/http"
	"strings"
	"sync"
)

// registry knows images: their tags, and what is in each.
type registry struct {
	lock  sync.Mutex
	tags  map[string]string // "host/repository:tag" -> digest
	known map[string]image  // by digest
}

// image is what is in an image: a program, and the environment that makes it behave as its version does.
type image struct {
	program string
	env     []string
}

// know makes an image known: its repository's address, a tag, and what is in it.
func (r *registry) know(repository, tag, digest string, what image) {
	r.lock.Lock()
	defer r.lock.Unlock()
	if r.tags == nil {
		r.tags, r.known = map[string]string{}, map[string]image{}
	}
	r.tags[repository+":"+tag] = digest
	what.env = append(what.env, "VERSION="+digest)
	r.known[digest] = what
}

// digest resolves a reference to an image.
func (r *registry) digest(image string) (string, bool) {
	r.lock.Lock()
	defer r.lock.Unlock()
	if _, digest, pinned := strings.Cut(image, "@"); pinned {
		_, known := r.known[digest]
		return digest, known
	}
	digest, known := r.tags[image]
	return digest, known
}

func (r *registry) image(digest string) image {
	r.lock.Lock()
	defer r.lock.Unlock()
	return r.known[digest]
}

// images answers what Docker's API says of images: where a tag points, that a pull went well, and what is there. Their
// names hold slashes, so the last parts of the paths are read by hand.
func (r *registry) images(mux *http.ServeMux) {
	mux.HandleFunc("POST /images/create", func(w http.ResponseWriter, q *http.Request) {
		image, tag := q.URL.Query().Get("fromImage"), q.URL.Query().Get("tag")
		switch {
		case strings.HasPrefix(tag, "sha256:"):
			image += "@" + tag
		case tag != "":
			image += ":" + tag
		}
		if _, known := r.digest(image); !known {
			missing(w, "image: "+image)
			return
		}
		answer(w, http.StatusOK, map[string]string{"status": "Image is up to date"})
	})
	mux.HandleFunc("GET /distribution/{rest...}", func(w http.ResponseWriter, q *http.Request) {
		r.say(w, q.PathValue("rest"), func(digest string) any {
			return map[string]any{"Descriptor": map[string]any{"digest": digest, "size": 1, "mediaType": "application/vnd.oci.image.manifest.v1+json"}, "Platforms": []any{}}
		})
	})
	mux.HandleFunc("GET /images/{rest...}", func(w http.ResponseWriter, q *http.Request) {
		r.say(w, q.PathValue("rest"), func(digest string) any {
			return map[string]any{"Id": digest, "RepoTags": []string{}, "RepoDigests": []string{}, "Config": map[string]any{}}
		})
	})
	mux.HandleFunc("POST /images/{rest...}", func(w http.ResponseWriter, q *http.Request) { // tag: the registry's tags stay as they are
		r.say(w, q.PathValue("rest"), func(string) any { return struct{}{} })
	})
}

func (r *registry) say(w http.ResponseWriter, path string, body func(digest string) any) {
	name := strings.TrimSuffix(strings.TrimSuffix(path, "/json"), "/tag")
	digest, known := r.digest(name)
	if !known && strings.HasPrefix(name, "sha256:") { // by its id
		digest, known = name, r.image(name).program != ""
	}
	if !known {
		missing(w, "image: "+name)
		return
	}
	status := http.StatusOK
	if strings.HasSuffix(path, "/tag") {
		status = http.StatusCreated
	}
	answer(w, status, body(digest))
}
