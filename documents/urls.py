from django.urls import path

from documents.views import board, client, matters, packets, people, plan, quarantine, review

urlpatterns = [
    path("", matters.home, name="home"),
    # Matters
    path("matters/", matters.index, name="matters"),
    path("matters/new/", matters.new, name="matter_new"),
    path("matters/<uuid:pk>/", matters.matter, name="matter"),
    path("matters/<uuid:pk>/evidence/", matters.evidence, name="evidence"),
    path("matters/<uuid:pk>/activity/", matters.activity, name="activity"),
    path("matters/<uuid:pk>/a-number/", matters.reveal, name="reveal"),
    path("matters/<uuid:pk>/members/", people.members, name="members"),
    path("matters/<uuid:pk>/members/<int:member>/remove/", people.remove, name="member_remove"),
    path("matters/<uuid:pk>/client/", people.invite_client, name="invite_client"),
    path("matters/<uuid:pk>/requests/new/", matters.new_request, name="request_new"),
    path("matters/<uuid:pk>/board/", board.board, name="board"),
    path("factors/", board.factors, name="factors"),
    path("assignments/", people.assignments, name="assignments"),
    # Sending, for a client and on a client's behalf
    path("matters/<uuid:pk>/send/", client.send, name="send"),
    # Documents
    path("documents/<uuid:pk>/", review.document, name="document"),
    path("documents/<uuid:pk>/status/", review.status, name="document_status"),
    path("documents/<uuid:pk>/pages/<int:number>.jpg", review.page, name="page"),
    path("documents/<uuid:pk>/original/", review.original, name="original"),
    path("documents/<uuid:pk>/title/", review.title, name="document_title"),
    path("documents/<uuid:pk>/tag/", review.tag, name="tag"),
    path("documents/<uuid:pk>/untag/", review.untag, name="untag"),
    path("documents/<uuid:pk>/accept/", review.accept, name="accept"),
    path("documents/<uuid:pk>/ask-again/", review.ask_again, name="ask_again"),
    path("documents/<uuid:pk>/reopen/", review.reopen, name="reopen"),
    path("documents/<uuid:pk>/holds/<int:hold>/lift/", review.lift_hold, name="lift_hold"),
    path("documents/<uuid:pk>/try-again/", review.try_again, name="try_again"),
    path("documents/<uuid:pk>/withdraw/", review.withdraw, name="withdraw"),
    path("documents/<uuid:pk>/restore/", review.restore, name="restore"),
    # Quarantine
    path("quarantine/", quarantine.index, name="quarantine"),
    path("documents/<uuid:pk>/disposition/", quarantine.propose, name="disposition"),
    path("dispositions/<int:pk>/", quarantine.decide, name="disposition_decide"),
    # Requests and packets
    path("requests/<uuid:pk>/", plan.plan, name="request"),
    path("requests/<uuid:pk>/tabs/", plan.tabs, name="tabs"),
    path("requests/<uuid:pk>/letter/", packets.letter, name="letter"),
    path("requests/<uuid:pk>/letter/sign/", packets.sign, name="letter_sign"),
    path("requests/<uuid:pk>/order/", packets.order, name="order"),
    path("packets/<uuid:pk>/", packets.packet, name="packet"),
    path("packets/<uuid:pk>/status/", packets.status, name="packet_status"),
    path("packets/<uuid:pk>/pages/<int:number>.jpg", packets.page, name="packet_page"),
    path("packets/<uuid:pk>/retry/", packets.retry, name="packet_retry"),
    path("packets/<uuid:pk>/return/", packets.return_, name="packet_return"),
    path("packets/<uuid:pk>/release/", packets.release, name="packet_release"),
    path("packets/<uuid:pk>/parts/<int:number>/", packets.part, name="packet_part"),
    path("packets/<uuid:pk>/manifest.json", packets.manifest, name="packet_manifest"),
    path("packets/<uuid:pk>/ledger.csv", packets.ledger, name="packet_ledger"),
]
