import Glibc
import Service
import Testing

@Suite("Who may control the service") struct ControlPeerTests {
    @Test(
        "Root, the service's own user and the socket's group are let in, nobody else",
        arguments: [
            (UInt32(0), [UInt32(0)], true), (0, [7], true), (990, [990], true), (1000, [1000], false), (1000, [1000, 27], false),
            (1000, [1000, 991], true), (1000, [991], true),
        ])
    func policy(_ user: UInt32, _ groups: [UInt32], _ isLetIn: Bool) {
        let peer = ControlPeer(process: 1, user: user, groups: Set(groups))
        #expect(peer.mayControl(serviceUser: 990, socketGroup: 991) == isLetIn)
    }
}

@Suite("Where the control socket is") struct ControlSocketPathTests {
    @Test(
        "The runtime directory that systemd gives comes before the packaged path",
        arguments: [
            ([:], "/run/fleetsynth/control.sock"), (["RUNTIME_DIRECTORY": ""], "/run/fleetsynth/control.sock"),
            (["RUNTIME_DIRECTORY": "/run/a"], "/run/a/control.sock"), (["RUNTIME_DIRECTORY": "/run/a:/run/b"], "/run/a/control.sock"),
        ])
    func path(_ environment: [String: String], _ path: String) { #expect(ControlSocket.path(environment: environment) == path) }
}
