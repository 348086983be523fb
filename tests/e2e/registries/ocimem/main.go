// Command ocimem serves an in-memory registry with the referrers API until it is killed.
// It prints the address that it listens on.
package main

import (
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"

	"cuelabs.dev/go/oci/ociregistry/ocimem"
	"cuelabs.dev/go/oci/ociregistry/ociserver"
)

func main() {
	noAPI := flag.Bool("no-referrers-api", false, "answer 404 for referrers, so that clients use the fallback tag")
	noFilter := flag.Bool("no-referrers-filter", false, "list all referrers whatever filter is asked for")
	flag.Parse()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(listener.Addr())
	options := &ociserver.Options{DisableReferrersAPI: *noAPI, DisableReferrersFiltering: *noFilter}
	log.Fatal(http.Serve(listener, ociserver.New(ocimem.New(), options)))
}
