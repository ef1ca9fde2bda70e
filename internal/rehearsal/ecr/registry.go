package ecr

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"github.com/serin-aws/serin/internal/rehearsal/loop"
)

const (
	account = "123456789012"
	region  = "eu-central-1"
	host    = account + ".dkr.ecr." + region + ".amazonaws.com"
)

// Registry is the private registry of one account and region. Its methods that name a repository make it if it is
// not there yet; an empty digest is never pushed.
type Registry struct {
	loop         *loop.Loop
	repositories []*repository // in order of creation
	foreign      map[string]string
}

type repository struct {
	name    string
	created time.Time
	images  []*stored // in order of the push
	tags    map[string]*stored
	scan    *Scan // what happens to an image that is pushed; nil: images are not scanned
}

// stored is an image. Its tags are listed here too, in the order they were given.
type stored struct {
	digest string
	pushed time.Time
	tags   []string
}

// New returns an empty registry.
func New(l *loop.Loop) *Registry {
	return &Registry{loop: l, foreign: map[string]string{}}
}

// Digest returns the digest of an image that contains text, for worlds that need one.
func Digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256:" + hex.EncodeToString(sum[:])
}

// URI returns what a container definition calls a repository of this registry.
func URI(name string) string { return host + "/" + name }

// CreateRepository makes a repository and returns its URI.
func (r *Registry) CreateRepository(name string) string {
	r.repository(name)
	return URI(name)
}

func (r *Registry) repository(name string) *repository {
	if known := r.find(name); known != nil {
		return known
	}
	made := &repository{name: name, created: r.loop.Now(), tags: map[string]*stored{}}
	r.repositories = append(r.repositories, made)
	return made
}

func (r *Registry) find(name string) *repository {
	for _, known := range r.repositories {
		if known.name == name {
			return known
		}
	}
	return nil
}

// PushImage pushes an image now and points the tags at it. Pushing a digest that is there only moves tags.
func (r *Registry) PushImage(repository, digest string, tags ...string) {
	r.PushImageAt(r.loop.Now(), repository, digest, tags...)
}

// PushImageAt is PushImage at a time in the past, for worlds that begin with images.
func (r *Registry) PushImageAt(at time.Time, repository, digest string, tags ...string) {
	repo := r.repository(repository)
	if repo.image(digest) == nil {
		repo.images = append(repo.images, &stored{digest: digest, pushed: at})
	}
	for _, tag := range tags {
		repo.point(tag, repo.image(digest))
	}
}

// MoveTag points a tag at an image that is there; false where it is not.
func (r *Registry) MoveTag(repository, tag, digest string) bool {
	repo := r.find(repository)
	if repo == nil {
		return false
	}
	img := repo.image(digest)
	if img == nil {
		return false
	}
	repo.point(tag, img)
	return true
}

// Expire deletes an image and its tags, as a lifecycle rule does.
func (r *Registry) Expire(repository, digest string) {
	repo := r.find(repository)
	if repo == nil {
		return
	}
	if img := repo.image(digest); img != nil {
		for _, tag := range img.tags {
			delete(repo.tags, tag)
		}
		repo.images = slices.DeleteFunc(repo.images, func(other *stored) bool { return other == img })
	}
}

// AddForeign makes an image of another registry pullable: image is what a container definition says
// ("public.ecr.aws/xray/aws-xray-daemon:3").
func (r *Registry) AddForeign(image, digest string) {
	r.foreign[image] = digest
	name, _, _ := split(image)
	r.foreign[name+"@"+digest] = digest
}

// Resolve tells which digest an image has that a container definition names; ok is false where there is none. An
// image without tag and digest has the tag latest.
func (r *Registry) Resolve(image string) (digest string, ok bool) {
	if digest, ok = r.foreign[image]; ok {
		return digest, true
	}
	path, ours := strings.CutPrefix(image, host+"/")
	if !ours {
		return "", false
	}
	name, tag, pinned := split(path)
	repo := r.find(name)
	if repo == nil {
		return "", false
	}
	img := repo.tags[tag]
	if pinned != "" {
		img = repo.image(pinned)
	}
	if img == nil {
		return "", false
	}
	return img.digest, true
}

// split takes an image's name apart: "repo:tag@sha256:..." where tag and digest may be missing.
func split(image string) (name, tag, digest string) {
	name, digest, _ = strings.Cut(image, "@")
	tag = "latest"
	if at := strings.LastIndexByte(name, ':'); at > strings.LastIndexByte(name, '/') {
		name, tag = name[:at], name[at+1:]
	}
	return name, tag, digest
}

func (repo *repository) image(digest string) *stored {
	for _, img := range repo.images {
		if img.digest == digest {
			return img
		}
	}
	return nil
}

func (repo *repository) point(tag string, img *stored) {
	if before := repo.tags[tag]; before == img {
		return
	} else if before != nil {
		before.tags = slices.DeleteFunc(before.tags, func(t string) bool { return t == tag })
	}
	repo.tags[tag] = img
	img.tags = append(img.tags, tag)
}
