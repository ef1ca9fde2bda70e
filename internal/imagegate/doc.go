// Package imagegate keeps images out of a release that do not fulfil what a target's source.ecr.require asks for. Where
// to look:
//
//	gate.go      Admit: may this image be released, must its scan be waited for, or is it refused
//	findings.go  what a scan has found, counted over all pages, of basic and of enhanced scanning
//
// Nobody passes for want of knowledge: a scan that has not ended is waited for, one that failed refuses, and so does a
// repository that is not scanned at all.
package imagegate
