# The registry's letters. Each template has a subject and a text. What the texts are told stands in notify/compose.rs.

opening = Dear colleagues,

closing =
    Sincerely,
    { $registry }
    { $base }

    This letter was sent automatically. If you have questions, reply to it.

secretariat-closing =
    { $registry }
    { $base }

about-application =
    Document: { $charter }
    Organisation: { $organisation }
    Application: { $application }

about-member =
    Document: { $charter }
    Member: { $organisation }
    In the registry: { $member-url }

date = { $day } { $month ->
        [1] January
        [2] February
        [3] March
        [4] April
        [5] May
        [6] June
        [7] July
        [8] August
        [9] September
        [10] October
        [11] November
       *[12] December
    } { $year }

why = { $ground ->
        [charter_violation] violation of what was acceded to: { $clauses }
        [law_violation] violation of the law: { $law }
        [false_information] untrue information in the application
        [unreachable] the organisation cannot be reached
        [dissolved] the organisation exists no longer
        [own_request] the member’s own wish
        [appeal_upheld] an appeal was upheld
        [error_corrected] an error of the registry was put right
       *[other] { $ground }
    }

## Applications

application_received =
    We have received your organisation’s application to accede.

    So that we can consider it, please confirm this address: open the link and press the button. The link works until { $until-date }.

    { $confirm-url }

    { about-application }

    If you did not apply, do nothing: without confirmation the application is not considered.
    .subject = Please confirm your address: application received

application_confirmed =
    Thank you, the address is confirmed. Your organisation’s application is being considered; we will write to you about the next step.

    { about-application }
    .subject = Address confirmed, application under consideration

application_returned =
    We have considered your organisation’s application and ask you to correct or complete it:

    { $reason }

    Please submit it again once corrected: it goes on from where it stood.

    { about-application }
    .subject = Application returned for correction

application_resubmitted =
    We have received your organisation’s corrected application and go on considering it.

    { about-application }
    .subject = Corrected application received

memorandum_issued =
    The memorandum of accession is made out for your organisation. Please sign it and return it to us: by hand and scanned (PDF, JPEG or PNG), by key, or on paper, as this document allows.

    The memorandum: { $application-url }/memorandum

    { about-application }
    .subject = The memorandum of accession waits for your signature

memorandum_signed =
    We have received your organisation’s signed memorandum. Two registrars decide on the accession; we will write to you about their decision.

    { about-application }
    .subject = Signed memorandum received

application_accepted =
    Your organisation has acceded. It is entered in the public registry, where anybody can verify it. Thank you for sharing these principles.

    { about-member }
    .subject = Your organisation is entered in the registry

application_rejected =
    We have considered your organisation’s application and cannot accept it:

    { $reason }

    If you disagree, or if circumstances have changed, please reply to this letter.

    { about-application }
    .subject = Application rejected

application_withdrawn =
    Your organisation’s application is withdrawn and no longer considered. You may apply again at any time.

    { about-application }
    .subject = Application withdrawn

application_lapsing =
    Your organisation’s application waits for your answer. If nothing changes by { $until-date }, we will stop considering it.

    { about-application }
    .subject = Your application lapses soon

application_lapsed =
    We have not heard from you for a long time, and your organisation’s application has lapsed. If you still wish to accede, please reply to this letter: the application can be reopened.

    { about-application }
    .subject = Application lapsed

application_reopened =
    Your organisation’s application is open again; we will write to you about the next step.

    { about-application }
    .subject = Application reopened

## Members

member_suspended =
    Your organisation’s membership is suspended. Ground: { why }.

    { $until ->
        [none] The suspension holds until it is decided otherwise.
       *[other] The suspension holds until { $until-date }.
    }

    If you disagree with the decision, please send your objections in reply to this letter.

    { about-member }
    .subject = Membership suspended

member_suspended_urgently =
    Your organisation’s membership is suspended urgently. Ground: { why }.

    An urgent suspension ends by itself on { $until-date } unless something else is decided before. If you disagree with it, please send your objections in reply to this letter.

    { about-member }
    .subject = Membership suspended urgently

member_reinstated =
    The suspension is over: your organisation is an active member again.

    { about-member }
    .subject = Membership reinstated

member_excluded =
    Your organisation is excluded. Ground: { why }. The decision was proposed by one registrar and approved by another; it is published with its statement in the registry record.

    You may appeal: send your objections and documents in reply to this letter. If the appeal is upheld, the membership is restored, and that is published as well.

    { about-member }
    .subject = Decision to exclude your organisation

member_withdrew =
    At your organisation’s wish its membership has ended. The public registry says so; earlier records remain. To return, please apply again.

    { about-member }
    .subject = Membership ended

member_readmitted =
    Your organisation is a member again. Its entry in the public registry is renewed.

    { about-member }
    .subject = Membership restored

member_amended =
    Your organisation’s entry in the public registry was changed. Please check it; if it is not right, reply to this letter.

    { about-member }
    .subject = Your entry in the registry was changed

## To the secretariat

application_waiting =
    An application waits to be considered.

    { about-application }

    { $application-url }
    .subject = An application waits

decision_waiting =
    A decision was proposed; another registrar is to approve or decline it.

    { $decision-url }
    .subject = A decision waits for a second registrar

overdue_digest =
    { $count ->
        [one] { $count } application is overdue.
       *[other] { $count } applications are overdue.
    }

    { $overdue-url }
    .subject = Overdue applications: { $count }
