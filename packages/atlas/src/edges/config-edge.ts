/** What is wrong with public ports as a whole. */
import type { Complaint } from '../config.ts';
import type { ParsedConfig } from '../config-schema.ts';

export function edgeComplaints({ edge, fleets, serverPorts }: ParsedConfig, from: string): Complaint[] {
  const seen = new Map<string, string>();
  const found: Complaint[] = [];
  const complain = (path: string, expected: string, is: string, example: string): void => {
    found.push({ path, from, expected, found: is, example });
  };
  for (const [i, { ports, host }] of fleets.entries()) {
    for (const [j, { protocol, edge: wishes, port: fixed }] of ports.entries()) {
      if (!wishes) continue;
      const path = `fleets[${i}].ports[${j}].edge`;
      const { port, route, tls, source, front } = wishes;
      if (front && protocol !== 'tcp') complain(`${path}.front`, 'none: it is for tcp alone', protocol, "protocol: 'tcp'");
      if (front && (tls || route === 'token'))
        complain(`${path}.front`, 'no tls and no token: the game’s clients have neither', tls ? 'tls' : 'token', "route: 'any'");
      if (front?.forwarding === 'velocity' && front.secretFile === undefined)
        complain(`${path}.front.secretFile`, 'the file of the secret that servers know', 'nothing', "'./forwarding.secret'");
      for (const [k, name] of (front?.fallback ?? []).entries()) {
        if (!fleets.some((each) => each.name === name))
          complain(`${path}.front.fallback[${k}]`, 'the name of a fleet', name, fleets[0]?.name ?? '');
      }
      if (port !== undefined && route === 'own')
        complain(`${path}.port`, 'no port: each server has one of its own', String(port), 'route: any');
      if (tls && protocol !== 'tcp' && protocol !== 'ws') complain(`${path}.tls`, 'false: UDP has no TLS', 'true', 'false');
      if (source === 'loopback' && !/^127\.|^localhost$/.test(host)) {
        complain(`${path}.source`, `another one: ${host} does not see loopback addresses`, "'loopback'", "'proxy-v2'");
      }
      if (port === undefined) continue;
      if (port === fixed && edge.listen === host)
        complain(`${path}.port`, 'another one than the game server’s own', String(port), String(port + 1));
      for (const kind of protocol === 'tcp+udp' ? ['tcp', 'udp'] : [protocol === 'udp' ? 'udp' : 'tcp']) {
        const other = seen.get(`${kind} ${port}`);
        if (other !== undefined) complain(`${path}.port`, `a port that ${other} has not`, String(port), String(port + 1));
        seen.set(`${kind} ${port}`, path);
      }
    }
  }
  const { first, last } = edge.ports;
  const used = fleets.some(({ ports }) => ports.some((each) => each.edge && each.edge.port === undefined));
  if (used && first <= serverPorts.last && last >= serverPorts.first) {
    const range = `${serverPorts.first} to ${serverPorts.last}`;
    complain(
      'edge.ports',
      `a range apart from serverPorts (${range})`,
      `${first} to ${last}`,
      `{ first: ${serverPorts.last + 1}, last: ${serverPorts.last + 1000} }`,
    );
  }
  return found;
}
