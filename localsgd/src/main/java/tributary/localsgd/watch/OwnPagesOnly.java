package tributary.localsgd.watch;

import com.sun.net.httpserver.Filter;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// Lets in only what a page of this very server asks for. Listening on the loopback address keeps other machines out, but not
/// other sites in the browser of this one: a site may give its own name this machine's address (DNS rebinding), which the
/// `Host` it asks for betrays, or ask for our streams from its own pages, which the browser tells in `Sec-Fetch-Site`.
final class OwnPagesOnly extends Filter {
    private static final Set<String> HOSTS = Set.of("localhost", "127.0.0.1", "[::1]");

    @Override
    public String description() {
        return "refuses requests that do not come from a page of this server";
    }

    @Override
    public void doFilter(HttpExchange exchange, Chain chain) throws IOException {
        exchange.getResponseHeaders().set("Cache-Control", "no-store");
        exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
        exchange.getResponseHeaders().set("Referrer-Policy", "no-referrer");
        exchange.getResponseHeaders().set("Content-Security-Policy",
                "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; img-src data:; "
                        + "frame-ancestors 'none'; base-uri 'none'; form-action 'none'");
        String host = Optional.ofNullable(exchange.getRequestHeaders().getFirst("Host")).orElse("").toLowerCase(Locale.ROOT);
        String site = Optional.ofNullable(exchange.getRequestHeaders().getFirst("Sec-Fetch-Site")).orElse("none");
        boolean page = exchange.getRequestURI().getPath().equals("/");
        if (!HOSTS.contains(host.replaceFirst(":\\d+$", ""))) {
            Answer.text(exchange, 403, "the host of this request is not this machine; open http://127.0.0.1:"
                    + exchange.getLocalAddress().getPort() + "/");
        } else if (!page && !site.equals("same-origin") && !site.equals("none")) {
            Answer.text(exchange, 403, "this request comes from another site's page");
        } else if (!exchange.getRequestMethod().equals("GET")) {
            Answer.text(exchange, 405, "there is nothing here but to read");
        } else {
            chain.doFilter(exchange);
        }
    }
}
